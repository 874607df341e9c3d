"""The triggers: waits that hold no worker."""
