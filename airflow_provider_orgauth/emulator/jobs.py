"""Jobs: what a client asks for is accepted, and done later. The emulator's own, for APIs that answer ``202 Accepted``.

RFC 9110: section 15.3.3 for 202, 10.2.2 for ``Location``, 10.2.3 for ``Retry-After``, 15.4.4 for 303.
"""

from __future__ import annotations

from airflow_provider_orgauth.emulator import data
from airflow_provider_orgauth.emulator.course import Course
from airflow_provider_orgauth.emulator.devices import Call
from airflow_provider_orgauth.emulator.messages import API_PREFIX, Answer, ApiError, Pairs, json_answer, json_object
from airflow_provider_orgauth.emulator.organization import Job, job_steps
from airflow_provider_orgauth.emulator.paging import number, page_of
from airflow_provider_orgauth.emulator.rate_limit import retry_after
from airflow_provider_orgauth.emulator.script import JOB
from airflow_provider_orgauth.emulator.store import link_to_file

MAX_REFERENCE_CHARACTERS = 255
NO_MESSAGE = "The job failed."


def create(call: Call) -> Answer:
    """``POST /job/create``: body ``reference`` and ``input``, both optional; 202 with the way to the job's status."""
    request, organization = call.request, call.organization
    body = json_object(request.body)
    reference = body.get("reference", "")
    if not isinstance(reference, str) or len(reference) > MAX_REFERENCE_CHARACTERS:
        raise ApiError(400, f"Field reference is not a text of up to {MAX_REFERENCE_CHARACTERS} characters.")
    key = request.headers.get("idempotency-key", "") if call.settings.idempotency_key else ""
    if key in organization.job_keys:
        earlier, came_with = organization.job_keys[key]
        if came_with != request.body:
            raise ApiError(422, "The Idempotency-Key came before, with another body.")
        return _accepted(call, organization.job(earlier))
    course = Course(JOB, "RUNNING", call.now, job_steps(call.settings))
    script = organization.job_scripts.take()
    if script is not None:
        course.follow(script, call.now)
    job = Job(len(organization.jobs) + 1, reference, body.get("input"), call.now, course)
    organization.jobs[job.number] = job
    if key:
        organization.job_keys[key] = job.number, request.body
    return _accepted(call, job)


def get(call: Call) -> Answer:
    """``GET /job``: its status; each look at it is a step forward, and so is time."""
    job, settings = _asked(call), call.settings
    job.course.poll(call.now)
    if not job.course.ended:
        return json_answer(_shown(job, call), 200 if settings.job_status == "200" else 202, _retry_after(call))
    if job.course.state == "DONE" and settings.job_status == "303":
        return json_answer(_shown(job, call), 303, (("Location", _result_url(job)),))
    return json_answer(_shown(job, call))


def result(call: Call) -> Answer:
    """``GET /job/result``: what came of a job that is done; 409 for another."""
    job = _asked(call)
    job.course.look(call.now)
    if job.course.state != "DONE":
        raise ApiError(409, f"Job {job.number} is {job.course.state}: it has no result.")
    return content(job)


def content(job: Job) -> Answer:
    """Return what came of a job that is done."""
    return json_answer({"jobId": job.number, "reference": job.reference, "input": job.given})


def list_jobs(call: Call) -> Answer:
    """``GET /jobs``: a page of those with this ``reference`` and this ``status``, oldest first; no step forward."""
    reference, status = call.request.param("reference"), call.request.param("status")
    if status is not None and status not in JOB.states:
        raise ApiError(400, f"Parameter status wants one of: {', '.join(map(str, JOB.states))}.")
    for job in call.organization.jobs.values():
        job.course.look(call.now)
    found = [
        _shown(job, call)
        for job in call.organization.jobs.values()
        if reference in (None, job.reference) and status in (None, job.course.state)
    ]
    return page_of(found, call.request, call.settings)


def cancel(call: Call) -> Answer:
    """``PUT /job/cancel``: CANCELLED, also if it is that already; 409 for one that is done or failed."""
    job = _asked(call)
    job.course.look(call.now)
    if job.course.state != "CANCELLED":
        if job.course.ended:
            raise ApiError(409, f"Job {job.number} is {job.course.state} already.")
        job.course.enter("CANCELLED", call.now)
    return json_answer(_shown(job, call))


def _asked(call: Call) -> Job:
    return call.organization.job(number(call.request, "jobId"))


def _accepted(call: Call, job: Job) -> Answer:
    job.course.look(call.now)
    waits = () if job.course.ended else _retry_after(call)
    return json_answer(_shown(job, call), 202, (("Location", _status_url(job)), *waits))


def _retry_after(call: Call) -> Pairs:
    seconds = call.settings.job_retry_after
    return retry_after(seconds, call.settings.retry_after, now=call.now) if seconds else ()


def _status_url(job: Job) -> str:
    return f"{API_PREFIX}/job?jobId={job.number}"


def _result_url(job: Job) -> str:
    return f"{API_PREFIX}/job/result?jobId={job.number}"


def _shown(job: Job, call: Call) -> data.Record:
    course = job.course
    shown: data.Record = {
        "id": job.number,
        "reference": job.reference,
        "status": course.state,
        "createdAt": int(job.created * 1000),
        "finishedAt": int(course.since * 1000) if course.ended else 0,
        "statusUrl": _status_url(job),
    }
    if course.state == "DONE":
        shown["resultUrl"] = _result_url(job)
        shown["fileUrl"] = link_to_file(job, call.request, call.settings, call.now)
    if course.state == "FAILED":
        shown["error"] = {"message": (course.came_by.message if course.came_by else "") or NO_MESSAGE}
    return shown
