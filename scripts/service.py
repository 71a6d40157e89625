"""A running service and people who use it, for the scripts beside this file. Wants the models and their samples."""
import http.cookiejar, http.server, json, os, re, signal, socketserver, subprocess, threading, time
import urllib.error, urllib.parse, urllib.request


class Hooks(http.server.BaseHTTPRequestHandler):
    """The marketplace's receiver: remembers which event came under which webhook ids."""

    seen = {}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        key = (body["data"]["id"], body["type"], body["sequence"])
        Hooks.seen.setdefault(key, set()).add(self.headers["webhook-id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Texts(http.server.BaseHTTPRequestHandler):
    """The operator's SMS service: remembers how often each id came, and as which template."""

    seen = {}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Texts.seen.setdefault(body["id"], []).append((body["to"], body["template"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Letters(socketserver.StreamRequestHandler):
    """A mail server (RFC 5321, as little of it as a client needs): remembers to whom each Message-ID came."""

    seen = {}

    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b"\r\n")
        to = None
        try:
            say("220 here")
            for line in iter(self.rfile.readline, b""):
                verb = line[:4].upper()
                if verb == b"RCPT":
                    to = line.decode().split("<")[1].split(">")[0]
                if verb == b"DATA":
                    say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                    name = re.search(r"^message-id: *<([^>]*)>", text, re.M | re.I).group(1)
                    Letters.seen.setdefault(name, []).append(to)
                say("221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    return
        except OSError:
            pass  # The client died. What it had sent whole is kept.


class Service:
    def __init__(self, binary, folder, environment=None):
        self.binary, self.folder, self.environment = os.path.abspath(binary), folder, environment or {}
        self.port, self.hooks = 8571, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
        threading.Thread(target=self.hooks.serve_forever, daemon=True).start()
        self.base = f"http://localhost:{self.port}"
        self.config = os.path.join(folder, "shiren.toml")
        with open(self.config, "w") as file:
            file.write(
                f'[server]\nlisten = "127.0.0.1:{self.port}"\n[data]\nfolder = "{folder}/data"\n'
                '[webhooks]\nallow_private = true\nany_port = true\n[limits]\nper_key = 0\nper_address = 0\n[log]\nlevel = "error"\n'
            )
        made = subprocess.run([self.binary, "admin", "--config", self.config, "create-key", "script"],
                              env=dict(os.environ, **self.environment), capture_output=True, text=True, check=True)
        self.key, self.process = made.stdout.strip(), None

    def start(self):
        env = dict(os.environ, **self.environment)
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([self.binary, "serve", "--config", self.config], env=env, stdout=log, stderr=log)
        until = time.time() + 60
        while time.time() < until:
            try:
                return urllib.request.urlopen(self.base + "/readyz").status
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None:
                    return None
                time.sleep(0.02)
        raise SystemExit("the service does not get ready")

    def again(self):
        """After a death."""
        self.process.wait()
        if self.start() is None:
            raise SystemExit("the service does not start after a crash; see " + os.path.join(self.folder, "log"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def api(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": "Bearer " + self.key, "content-type": "application/json"}
        request = urllib.request.Request(self.base + path, method=method, data=data, headers=headers)
        return json.load(urllib.request.urlopen(request))


class Person:
    """Somebody who does each thing until it is answered."""

    def __init__(self, service, shop, pictures):
        self.service, self.pictures, self.deaths = service, pictures, 0
        asked = {"program": "shop-owner", "account": {"kind": "shop", "id": shop}}
        self.session = service.api("POST", "/v1/verification_sessions", asked)
        jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = self.browser.open(self.session["link"]["url"]).read().decode()
        self.csrf = next(c for c in re.findall(r'name="csrf" value="([^"]*)"', page) if c)

    def post(self, path, form=None, body=None):
        headers = {}
        if body is not None:
            headers = {"x-csrf": self.csrf, "x-taken-by": "file", "content-type": "application/octet-stream"}
        data = body if body is not None else urllib.parse.urlencode({"csrf": self.csrf, **form}).encode()
        for _ in range(3):
            try:
                return self.browser.open(urllib.request.Request(self.service.base + path, data=data, headers=headers))
            except urllib.error.HTTPError:
                raise
            except OSError:
                # The connection broke: the service is dead. What was not answered is done again.
                self.deaths += 1
                self.service.again()
        raise SystemExit(f"{path} is never answered")

    def act(self):
        self.prepare()
        self.post("/verify/submit", {})

    def prepare(self):
        """Everything but handing in."""
        self.post("/verify/consent", {"identity": "on", "face": "on"})
        self.post("/verify/method", {"method": "resident-id-card"})
        self.post("/verify/details", {"name": "", "id_number": ""})
        for step, picture in self.pictures.items():
            self.post(f"/verify/pictures/{step}", body=picture)

    def end(self):
        """The session once nothing is under way, started again if the service died meanwhile."""
        until = time.time() + 60
        while time.time() < until:
            if self.service.process.poll() is not None:
                self.deaths += 1
                self.service.again()
            try:
                session = self.service.api("GET", f"/v1/verification_sessions/{self.session['id']}")
                if session["status"] not in ("processing",):
                    return session
            except OSError:
                pass
            time.sleep(0.05)
        return session


def specimen(binary, folder, seed=1):
    """A specimen with a portrait, and another photograph of the same person."""
    root = os.environ.get("SHIREN_MODELS") or os.path.join(
        os.environ.get("XDG_DATA_HOME", os.path.expanduser("~/.local/share")), "shiren", "models")
    samples = os.path.join(root, "samples")
    out = os.path.join(folder, "specimen")
    subprocess.run([binary, "specimen", "--portrait", f"{samples}/obama.jpg", "--out", out, "--seed", str(seed), "--photograph"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    read = lambda path: open(path, "rb").read()
    return {"front": read(f"{out}/id-front-photo.jpg"), "back": read(f"{out}/id-back-photo.jpg"),
            "selfie": read(f"{samples}/obama2.jpg")}


def cpu(pid):
    """Seconds that a process has computed so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid):
    """The most memory that a process has held, in MB."""
    status = open(f"/proc/{pid}/status").read()
    return int(next(l for l in status.splitlines() if l.startswith("VmHWM")).split()[1]) // 1000


def percent(values, share):
    """The value below which such a share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
