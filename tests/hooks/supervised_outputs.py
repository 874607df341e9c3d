"""What the supervised process of ``test_supervised_masking`` does: it learns tokens, and says them in every way."""

import json
import logging
import os
import sys
from pathlib import Path

import structlog
from airflow.sdk.execution_time.callback_supervisor import supervise_callback

from airflow_provider_orgauth.hooks.masking import mask_token
from airflow_provider_orgauth.oauth.token import Token

LATE = logging.StreamHandler(sys.stderr)  # a library's own, made before there is any token


class Holder:
    """Shows its token to whoever prints it."""

    def __init__(self, token):
        self.token = token

    def __repr__(self):
        return f"<Holder {self.token}>"


def say(tokens):
    """Learn each token and then say it; the first ones again in the end."""
    library = logging.getLogger("a.library")
    handler = logging.StreamHandler(sys.stderr)
    library.addHandler(handler)
    said_early = structlog.get_logger("early")
    said_early.info("used once, so it is cached")
    sys.stdout.write("held ")
    for token in tokens:
        mask_token(Token(token, 0.0, 300.0, f"refresh-{token}"))
        say_all(token, library, said_early)
    for token in tokens[:10]:
        say_all(token, library, said_early)
    print("the end", flush=True)
    print("said without a newline", tokens[-1], end="")


def say_all(token, library, said_early):
    """Say it in each way in which a process can; each says beside it what is no secret."""
    logging.getLogger("a.task").info("by logging: %s, as a %s", token, {"a": [token]})
    library.warning("by a handler of its own: %s", token)
    structlog.get_logger("a.task").info("by structlog", about=token, of=[{"deep": Holder(token)}])
    said_early.info("by a cached logger", about=Holder(token))
    print("by print:", token, Holder(token))
    print("by the first stdout:", token, file=sys.__stdout__, flush=True)
    print("by the first stderr:", token, file=sys.__stderr__, flush=True)
    print("in two halves: ", end="")
    print(token[:30], end="")
    print(token[30:])
    sys.stdout.buffer.write(f"as bytes: {token}\n".encode())
    sys.stdout.buffer.flush()
    print("in JSON:", json.dumps({"x": token, "y": f"https://a/?t={token}&u=1"}), file=sys.stderr)
    try:
        raise ValueError(f"in an exception: {token}")
    except ValueError as error:
        logging.getLogger("a.task").exception("caught")
        structlog.get_logger("a.task").error("caught", exc_info=error)


def main(log, tokens):
    """Supervise it; tell what this process's masker holds by then."""
    from airflow.sdk._shared.secrets_masker import _secrets_masker

    supervise_callback(
        id="00000000-0000-0000-0000-000000000001",
        callback_path="supervised_outputs.say",
        callback_kwargs={"tokens": tokens},
        dag_rel_path=Path(),
        log_path=log,
        client=object(),
    )
    print("PATTERNS", len(_secrets_masker().patterns))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(os.read(0, 10_000_000)))
