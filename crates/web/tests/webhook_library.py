"""Verifies webhooks as receivers do: `v1` with the official library, with the few lines of the page /docs and with those
of the guide for Node; `v1a` with those of the guide, by a library for Ed25519.

Reads a list of {"key", "headers", "body"} from standard input, the body in base64; writes for each what verified it, or
"refused". Arguments: the lines of the page, and the guide."""
import base64
import json
import re
import subprocess
import sys
import tempfile

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

PAGE, GUIDE = (open(path, encoding="utf-8").read() for path in sys.argv[1:3])

NODE = """
const verified = [];
for (const { key, headers, body } of JSON.parse(await new Response(process.stdin).text())) {
  try { verify(key, headers, Buffer.from(body, "base64")); verified.push(true); } catch { verified.push(false); }
}
console.log(JSON.stringify(verified));
"""


def block(language, word):
    """The lines of the guide in a language, with a word in them."""
    found = [b for b in re.findall(f"```{language}\n(.*?)```", GUIDE, re.DOTALL) if word in b]
    assert len(found) == 1, f"{len(found)} blocks of {language} in the guide have {word}"
    return found[0]


def verify_of(lines):
    scope = {}
    exec(lines, scope)
    return scope["verify"]


def accepts(verify, webhook):
    try:
        verify(webhook["key"], webhook["headers"], base64.b64decode(webhook["body"]))
        return True
    except (ValueError, WebhookVerificationError):
        return False


def node(webhooks):
    with tempfile.NamedTemporaryFile("w", suffix=".mjs", encoding="utf-8") as script:
        script.write(block("js", "createHmac") + NODE)
        script.flush()
        said = subprocess.run(["node", script.name], input=json.dumps(webhooks), capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


webhooks = json.load(sys.stdin)
page, by_public_key = verify_of(PAGE), verify_of(block("python", "Ed25519PublicKey"))
shared = [w for w in webhooks if w["key"].startswith("whsec_")]
in_node = iter(node(shared))
answers = []
for webhook in webhooks:
    if webhook["key"].startswith("whpk_"):
        answers.append("v1a" if accepts(by_public_key, webhook) else "refused")
        continue
    library = accepts(lambda key, headers, body: Webhook(key).verify(body, headers), webhook)
    others = {"the page": accepts(page, webhook), "Node": next(in_node)}
    wrong = [name for name, said in others.items() if said != library]
    answers.append(f"{wrong} and the library disagree" if wrong else "v1" if library else "refused")
json.dump(answers, sys.stdout)
