"""Makes a Roundup tracker in a folder: its database, its administrator, and a partner's login.

Arguments: folder, port, origin whose pages may call the API.
"""

import pathlib
import re
import subprocess
import sys

folder, port, origin = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
home = folder / "tracker"
admin = [str(pathlib.Path(sys.executable).parent / "roundup-admin"), "-i", str(home)]


def ask(*words):
    subprocess.run([*admin, *words], check=True, stdout=subprocess.DEVNULL)


def put(text, section, key, value):
    """Sets a key of a section, whether it is commented out or not."""
    begin = text.index(f"\n[{section}]\n") + 1
    end = text.find("\n[", begin)
    part, count = re.subn(rf"(?m)^#?{key} *=.*$", f"{key} = {value}", text[begin:end], count=1)
    if count != 1:
        raise SystemExit(f"{section}.{key} is not in the tracker's configuration")
    return text[:begin] + part + text[end:]


ask("install", "classic", "anydbm")
config = home / "config.ini"
text = config.read_text()
for section, key, value in [
    ("rdbms", "backend", "sqlite"),
    ("tracker", "web", f"http://127.0.0.1:{port}/desk/"),
    ("mail", "domain", "desk.example"),
    ("mail", "host", "localhost"),
    # Mail goes into a file and never out of the machine.
    ("mail", "debug", str(folder / "mail.log")),
    ("web", "allowed_api_origins", origin),
]:
    text = put(text, section, key, value)
config.write_text(text)
ask("initialise", "desk-admin")
ask(
    "create", "user", "username=partner", "password=casement", "roles=User",
    "address=partner@partner.example", "realname=Hana Partner", "organisation=Partner Ltd.",
)
