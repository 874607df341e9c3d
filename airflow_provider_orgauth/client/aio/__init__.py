"""The same requests on an event loop, with aiohttp: what takes the steps that the rules say.

Everything that decides is one floor up, and the same for threads: which request it is (:mod:`..session`), when it is
sent and with which token (:mod:`..exchange`), which pages follow (:mod:`..read_ahead`), who waits (:mod:`..admission`).
"""
