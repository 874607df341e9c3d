"""What is used of s3fs without its promise, as the other libraries' in tests/private_api."""

import inspect

import pytest

s3fs = pytest.importorskip("s3fs")


def test_the_coroutine_of_a_request():
    problem = f"s3fs {s3fs.__version__}: S3FileSystem._call_s3 is not the coroutine that call_s3 waits for any more"
    coroutine = getattr(s3fs.S3FileSystem, "_call_s3", None)
    assert inspect.iscoroutinefunction(coroutine), problem
    assert [*inspect.signature(coroutine).parameters][:2] == ["self", "method"], problem
    fs = s3fs.S3FileSystem(anon=True, skip_instance_cache=True)
    assert fs.loop.is_running(), f"s3fs {s3fs.__version__}: there is no loop to send a part in"
