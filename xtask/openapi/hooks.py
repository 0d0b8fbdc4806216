"""What schemathesis cannot read from the OpenAPI document."""

import json
import os
import re
import urllib.request
import uuid

import schemathesis

KEY = "Idempotency-Key"
USABLE = re.compile(r"[!-~]{8,128}")
COOKIE = "__Host-casement"
TOKEN = "X-CSRF-Token"


@schemathesis.hook
def before_call(context, case, kwargs):
    give_own_key(case)
    if case.method == "DELETE" and case.path == "/api/session":
        give_own_session(case)


@schemathesis.serializer("application/offset+octet-stream")
def piece_of_a_file(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def give_own_key(case):
    """Generated keys repeat, and a repeated key with another body is rightly
    refused. A key that is wrong on purpose stays as it is."""
    headers = case.headers or {}
    key = headers.get(KEY)
    if isinstance(key, str) and USABLE.fullmatch(key):
        headers[KEY] = str(uuid.uuid4())


def give_own_session(case):
    """Signing out must not end the session that every other request uses."""
    cookies = case.cookies or {}
    headers = case.headers or {}
    if cookies.get(COOKIE) != os.environ["CASEMENT_SESSION"]:
        return
    cookie, token = sign_in()
    cookies[COOKIE] = cookie
    if headers.get(TOKEN) == os.environ["CASEMENT_CSRF"]:
        headers[TOKEN] = token


def sign_in():
    request = urllib.request.Request(
        os.environ["CASEMENT_ADDRESS"] + "/api/session",
        data=os.environ["CASEMENT_LOGIN"].encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        token = json.load(answer)["csrf"]
        cookies = answer.headers.get_all("Set-Cookie")
    (cookie,) = (
        value.split(";")[0].partition("=")[2]
        for value in cookies
        if value.startswith(COOKIE + "=")
    )
    return cookie, token
