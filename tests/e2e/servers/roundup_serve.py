"""Serves a Roundup tracker below /desk/ on loopback, until it is ended.

Roundup's own server refuses to run as root, which a test machine often is; its WSGI application does
not mind. Arguments: folder, port.
"""

import pathlib
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from roundup.cgi.wsgi_handler import RequestDispatcher

PREFIX = "/desk"


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


tracker = RequestDispatcher(str(pathlib.Path(sys.argv[1]) / "tracker"))


def below_prefix(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith(PREFIX):
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = PREFIX, path[len(PREFIX):]
    return tracker(environ, start_response)


server = make_server("127.0.0.1", int(sys.argv[2]), below_prefix, Server, Handler)
print(f"listening on http://127.0.0.1:{sys.argv[2]}", flush=True)
server.serve_forever()
