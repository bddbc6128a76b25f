"""Run the public and the management port in one process, and stop without losing a request.

In:       two ASGI applications and their sockets, the models.
Out:      answers until SIGTERM or SIGINT; then not ready, drain, exit.
Failure:  SettingsError CF004 (an address cannot be used), CF010 (an application does not start), CF012 (too
          few open files are allowed for so many connections).
"""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn

from ..errors import SettingsError
from .connection import Connection, Limits
from .problems import answer_refusals
from .serving import Serving

MANAGEMENT_CONNECTIONS = 100  # of the other port, so that callers cannot keep probes out
KEEP_ALIVE_SECONDS = 75  # longer than a load balancer's, so that the load balancer closes first
GRACE_SECONDS = 20  # for requests in flight; orchestrators kill after 30
OTHER_FILES = 200  # open files beside the connections of callers: of the other port, models, libraries


class _Server(uvicorn.Server):
    def __init__(self, application: Any, limits: Limits, options: dict[str, Any]) -> None:
        protocol: Any = partial(Connection, limits)
        super().__init__(uvicorn.Config(application, http=protocol, **options))
        self._limits = limits

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once per second
            connections: list[Any] = list(self.server_state.connections)
            for connection in connections:
                connection.expire()
            self._limits.log_closed()
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # its exit code means something else here
            text = "the application did not start; the log line before says why"
            raise SettingsError("CF010", text, "correct service.py, or what it needs to start") from None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`, which knows the order in which the two servers stop."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; port 0: any free port."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:  # UnicodeError: an invalid name, as `127.0.0..1`
        hint = "stop the process that uses it, or name another address"
        raise SettingsError("CF004", f"{host} port {port} cannot be used: {error}", hint) from None


def url(host: str, port: int) -> str:
    """The URL of the address.

    >>> url("127.0.0.1", 8000), url("::1", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def allow_files(connections: int) -> None:
    """Let the process have so many connections; otherwise nobody could connect, not even a probe."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    needed = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and hard < needed:
        text = f"{connections:,} connections need {needed:,} open files, and {hard:,} are allowed"
        raise SettingsError("CF012", text, "raise the limit (`ulimit -n`), or lower --connections")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def serve(
    public: Any,
    management: Any,
    sockets: tuple[socket.socket, socket.socket],
    serving: Serving,
    limits: Limits,
    drain_seconds: float,
    on_ready: Callable[[], None],
) -> None:
    """Serve until the process gets SIGTERM or SIGINT; `on_ready` is called when both ports answer."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    options: Any = {"log_config": None, "access_log": False, "server_header": False, "ws": "none"}
    options |= {"proxy_headers": False, "timeout_graceful_shutdown": GRACE_SECONDS}
    options |= {"timeout_keep_alive": KEEP_ALIVE_SECONDS}
    servers = (
        _Server(public, limits, options),
        _Server(answer_refusals(management), Limits(MANAGEMENT_CONNECTIONS, MANAGEMENT_CONNECTIONS), options),
    )

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
        tasks = [asyncio.create_task(server.serve([at])) for server, at in zip(servers, sockets, strict=True)]
        watching = asyncio.create_task(serving.watch())
        stopped = asyncio.create_task(stop.wait())
        while not (serving.started or stop.is_set() or any(task.done() for task in tasks)):
            await asyncio.sleep(0.01)
            serving.started = all(server.started for server in servers)
        if serving.started:
            on_ready()
            await asyncio.wait([*tasks, watching, stopped], return_when=asyncio.FIRST_COMPLETED)
        serving.stopping = True
        watching.cancel()
        if serving.started and stop.is_set():
            await asyncio.sleep(drain_seconds)  # load balancers see that it is not ready
        for server, task in zip(servers, tasks, strict=True):  # the management port answers to the end
            server.should_exit = True
            if not server.started:
                task.cancel()  # its start may never finish
            await asyncio.wait([task])
        for task in tasks:
            if not task.cancelled():
                task.result()  # raises the error that ended it

    gc.collect()
    gc.freeze()  # loaded objects stay; scanning them at each collection took 10 ms
    try:
        with asyncio.Runner(loop_factory=servers[0].config.get_loop_factory()) as runner:
            runner.run(run())
    finally:
        gc.unfreeze()  # otherwise libraries report leaks at exit
