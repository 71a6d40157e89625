"""Verifies webhooks as receivers do: `v1` with the official library and with the few lines of the product's own pages,
`v1a` with a library for Ed25519. Reads a list of {"key", "headers", "body"} from standard input, the body in base64;
writes for each what verified it, or "refused"."""
import base64
import importlib.util
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

spec = importlib.util.spec_from_file_location("pages", sys.argv[1])
pages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pages)


def by_secret(key, headers, body):
    try:
        pages.verify(key, headers, body)
        own = True
    except ValueError:
        own = False
    try:
        Webhook(key).verify(body, headers)
        library = True
    except WebhookVerificationError:
        library = False
    if own != library:
        return "the pages and the library disagree"
    return "v1" if library else "refused"


def by_public_key(key, headers, body):
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for signature in headers["webhook-signature"].split():
        version, _, value = signature.partition(",")
        if version != "v1a":
            continue
        try:
            public.verify(base64.b64decode(value), signed)
            return "v1a"
        except InvalidSignature:
            pass
    return "refused"


def verified(webhook):
    how = by_public_key if webhook["key"].startswith("whpk_") else by_secret
    return how(webhook["key"], webhook["headers"], base64.b64decode(webhook["body"]))


json.dump([verified(webhook) for webhook in json.load(sys.stdin)], sys.stdout)
