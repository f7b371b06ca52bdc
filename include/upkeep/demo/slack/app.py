"""The stand-in's addresses: Slack's bot API and incoming webhooks as far as Upkeep uses them, and the page."""

import json
import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from upkeep.demo.slack.files import Files
from upkeep.demo.slack.limits import refusal
from upkeep.demo.slack.manners import Manners
from upkeep.demo.slack.messages import Message, Messages
from upkeep.demo.slack.render import page

MOODS = {"well", "slow", "error", "ratelimited", "lost"}


class _RefusedError(Exception):
    """Slack's word for why not."""


class Slack:
    """The stand-in for one workspace with one bot and one channel."""

    def __init__(self, file: Path, token: str, channel: str, manners: Manners | None = None) -> None:
        self.messages, self.token, self.channel = Messages(file), token, channel
        self.files = Files(file.with_name(f"{file.name}.files"))
        self.manners = manners or Manners()

    def call(self, method: str, given: dict[str, Any], token: str | None) -> dict[str, Any]:
        """One method of the bot API. Raises _RefusedError."""
        if not token:
            raise _RefusedError("not_authed")
        if token != self.token:
            raise _RefusedError("invalid_auth")
        known = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._complete,
            "files.delete": self._delete,
        }
        if method not in known:
            raise _RefusedError("unknown_method")
        return {"ok": True, **known[method](given)}

    def hook(self, given: dict[str, Any]) -> None:
        """An incoming webhook. Raises _RefusedError."""
        text, blocks = self._checked(given)
        self.messages.post(self.channel, text, blocks)

    def _auth_test(self, _given: dict[str, Any]) -> dict[str, Any]:
        return {"url": "http://127.0.0.1/", "team": "Upkeep demo", "user": "upkeep", "user_id": "U0UPKEEP", "bot_id": "B0UPKEEP"}

    def _post(self, given: dict[str, Any]) -> dict[str, Any]:
        channel, (text, blocks) = self._channel(given), self._checked(given)
        thread = given.get("thread_ts") or None
        if thread and not self.messages.thread(channel, thread):
            raise _RefusedError("thread_not_found")
        metadata = _structure(given.get("metadata")) or {}
        return _receipt(self.messages.post(channel, text, blocks, thread_ts=thread, metadata=metadata))

    def _update(self, given: dict[str, Any]) -> dict[str, Any]:
        channel, (text, blocks) = self._channel(given), self._checked(given)
        message = self.messages.update(channel, str(given.get("ts")), text, blocks)
        if message is None:
            raise _RefusedError("message_not_found")
        return _receipt(message)

    def _upload_url(self, given: dict[str, Any]) -> dict[str, Any]:
        file = self.files.announce(
            str(given.get("filename") or ""), int(given.get("length") or 0), str(given.get("alt_txt") or "")
        )
        if file is None:
            raise _RefusedError("invalid_arguments")
        return {"upload_url": f"{given['base']}upload/v1/{file}", "file_id": file}

    def _complete(self, given: dict[str, Any]) -> dict[str, Any]:
        asked = _structure(given.get("files")) or []
        found = [self.files.shared(str(each.get("id")), str(each.get("title") or "")) for each in asked]
        if not found or None in found:
            raise _RefusedError("file_not_found")
        if given.get("channel_id"):
            channel, thread = self._channel({"channel": given["channel_id"]}), given.get("thread_ts") or None
            if thread and not self.messages.thread(channel, thread):
                raise _RefusedError("invalid_thread_ts")
            self.messages.post(channel, str(given.get("initial_comment") or ""), [], thread_ts=thread, files=found)
        return {"files": found}

    def _delete(self, given: dict[str, Any]) -> dict[str, Any]:
        if not self.messages.without_file(str(given.get("file"))):
            raise _RefusedError("file_not_found")
        return {}

    def _history(self, given: dict[str, Any]) -> dict[str, Any]:
        oldest = float(given.get("oldest") or 0)
        found = [m for m in self.messages.channel(self._channel(given)) if float(m.ts) > oldest]
        return _sheet(list(reversed(found)), given)

    def _replies(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.messages.thread(self._channel(given), str(given.get("ts")))
        if not found:
            raise _RefusedError("thread_not_found")
        return _sheet(found, given)

    def _channel(self, given: dict[str, Any]) -> str:
        if given.get("channel") != self.channel:
            raise _RefusedError("channel_not_found")
        return self.channel

    def _checked(self, given: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        blocks = _structure(given.get("blocks"))
        why = refusal(given.get("text"), blocks)
        if why:
            raise _RefusedError(why)
        return given.get("text") or "", blocks or []


def make(slack: Slack) -> FastAPI:
    """The application: `/api/…`, `/services/…`, `/manners` for tests, and the page."""
    app = FastAPI(title="Slack stand-in", docs_url=None, redoc_url=None, openapi_url=None)

    @app.api_route("/api/{method}", methods=["GET", "POST"])
    async def api(method: str, request: Request) -> Response:
        given = {**await _arguments(request), "base": str(request.base_url)}
        token = (request.headers.get("authorization") or "").removeprefix("Bearer ").strip() or given.get("token")
        return await run_in_threadpool(_answer_api, slack, method, given, token)

    @app.post("/services/{path:path}")
    async def services(path: str, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answer_hook, slack, path, body)

    @app.post("/upload/v1/{file}")
    async def upload(file: str, request: Request) -> Response:
        kept = await run_in_threadpool(slack.files.keep, file, await request.body())
        return PlainTextResponse("OK") if kept else PlainTextResponse("no such upload", 400)

    @app.get("/files/{file}")
    def picture(file: str) -> Response:
        content = slack.files.content(file)
        return Response(content, media_type="image/png") if content else PlainTextResponse("no such file", 404)

    @app.put("/manners")
    def manners(mood: str, seconds: float = 1.0, times: int | None = None) -> dict[str, Any]:
        if mood not in MOODS:
            raise HTTPException(422, f"mood is one of {', '.join(sorted(MOODS))}")
        slack.manners.mood, slack.manners.seconds, slack.manners.times = mood, seconds, times  # type: ignore[assignment]
        return {"mood": mood, "seconds": seconds, "times": times}

    @app.get("/", response_class=HTMLResponse)
    def channel() -> str:
        return page(slack.channel, slack.messages)

    return app


def _answer_api(slack: Slack, method: str, given: dict[str, Any], token: str | None) -> Response:
    posts = method in {"chat.postMessage", "chat.update", "files.completeUploadExternal"}
    mood = slack.manners.next_mood() if posts else "well"
    if mood == "ratelimited":
        return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(round(slack.manners.seconds))})
    if mood == "error":
        return PlainTextResponse("internal error", 500)
    if mood == "slow":
        time.sleep(slack.manners.seconds)
    try:
        response = slack.call(method, given, token)
    except _RefusedError as refused:
        return JSONResponse({"ok": False, "error": str(refused)})
    return PlainTextResponse("upstream timed out", 500) if mood == "lost" else JSONResponse(response)


def _answer_hook(slack: Slack, path: str, body: bytes) -> Response:
    if path.rpartition("/")[2] != slack.token:
        return PlainTextResponse("invalid_token", 403)
    mood = slack.manners.next_mood()
    if mood == "ratelimited":
        return PlainTextResponse("rate_limited", 429, {"Retry-After": str(round(slack.manners.seconds))})
    if mood == "error":
        return PlainTextResponse("internal error", 500)
    if mood == "slow":
        time.sleep(slack.manners.seconds)
    try:
        slack.hook(json.loads(body))
    except (ValueError, AttributeError):
        return PlainTextResponse("invalid_payload", 400)
    except _RefusedError as refused:
        return PlainTextResponse(str(refused), 400)
    return PlainTextResponse("upstream timed out", 500) if mood == "lost" else PlainTextResponse("ok")


async def _arguments(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        body = json.loads(await request.body() or b"{}")
        return given | (body if isinstance(body, dict) else {})
    return given | dict(await request.form())


def _structure(content: Any) -> Any:
    """Forms carry JSON as text."""
    if not isinstance(content, str):
        return content
    try:
        return json.loads(content)
    except ValueError:
        raise _RefusedError("invalid_blocks_format") from None


def _receipt(message: Message) -> dict[str, Any]:
    return {"channel": message.channel, "ts": message.ts, "message": message.content}


def _sheet(found: list[Message], given: dict[str, Any]) -> dict[str, Any]:
    limit, start = int(given.get("limit") or 100), int(given.get("cursor") or 0)
    more = start + limit < len(found)
    return {
        "messages": [m.content for m in found[start : start + limit]],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }
