#!/usr/bin/python3
"""DHT nodes of libtorrent in one process, driven by JSON lines.

Needs Debian's python3-libtorrent (2.0.8), whose bindings belong to /usr/bin/python3.

Each line on standard input is one request, an object with "op" and what that operation takes; each gets one line on
standard output, {"ok": true, ...} or {"ok": false, "error": "..."}, in the order of the requests. The process ends when
its input does. A node is named by its place in the list that "start" was given.

  start          bind: ["ADDR:PORT", ...] (port 0: any), settings: {...}  -> nodes: [{addr, port, node_id}, ...]
  bootstrap      node, host, port            -> says hello to one other node
  acquaint       nodes: [...] or none        -> lets those (or all) say hello to one another
  state          node                        -> addr, port, node_id, verified (contacts that answered), contacts (all)
  live_nodes     node, timeout               -> nodes: [{node_id, addr, port}, ...], those that answered
  stats          node, timeout               -> counters: those of libtorrent whose name begins with "dht."
  announce       node, info_hash             -> joins the torrent, announces it with the node's own port
  peers          node, info_hash, want, timeout   -> peers: ["ADDR:PORT", ...], when there are so many or time is up
  put_immutable  node, value, timeout        -> target, stored (by how many nodes)
  get_immutable  node, target, timeout       -> found, value (text) and hex, both null if it is no string
  put_mutable    node, seed, salt, value, timeout -> key, seq, stored; the sequence number after the highest it found
  get_mutable    node, key, salt, timeout    -> the same, seq, signature
  put_directly   host, port, seed, salt, value, seq, cas (or none), timeout -> key, code (0: stored), message
  krpc           host, port, packet, timeout -> answer: the datagram that came back, both in hexadecimal (null: none)
  stop           node                        -> ends that node

Three operations are not as they might be, because the bindings do not reach that far. dht_announce cannot be called from
Python (its flags have no converter), so a node announces by joining a torrent. Items that are not strings cannot be read. A mutable put through a session finds its
sequence number itself and takes no "cas", so put_directly speaks KRPC to a node over a socket of this process.
"""

import hashlib
import json
import socket
import sys
import tempfile
import time
import warnings

import libtorrent as lt

TIMEOUT_S = 10.0
TURN_S = 1.0  # After this, a lookup that gave no result is started once more.

SETTINGS = {
    "enable_dht": True,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "dht_bootstrap_nodes": "",
    # All nodes share a machine: no limits by rate, and none by the network of an address.
    "dht_upload_rate_limit": 2_000_000_000,
    "dht_block_ratelimit": 1_000_000,
    "dht_block_timeout": 1,
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    # Private addresses have no ids that they must have.
    "dht_enforce_node_id": False,
    "dht_prefer_verified_node_ids": False,
    "dht_extended_routing_table": True,
    # Nothing is read or written.
    "aio_threads": 1,
    "hashing_threads": 1,
    "alert_mask": lt.alert.category_t.dht_notification
    | lt.alert.category_t.dht_operation_notification
    | lt.alert.category_t.stats_notification
    | lt.alert.category_t.error_notification
    | lt.alert.category_t.status_notification,
}


class Failure(Exception):
    """A request that cannot be done."""


# --- Ed25519 (RFC 8032, section 5.1), for keys that are made and used in tests only ---------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def _recover_x(y):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


BASE_X = _recover_x(BASE_Y)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


class SigningKey:
    """A key pair from its seed; expanded is the form of the private key that libtorrent takes."""

    def __init__(self, seed):
        if len(seed) != 32:
            raise Failure("a seed has 32 bytes")
        digest = hashlib.sha512(seed).digest()
        scalar = int.from_bytes(digest[:32], "little")
        self.scalar = scalar & ~7 & ((1 << 255) - 1) & ~(1 << 255) | 1 << 254
        self.prefix = digest[32:]
        self.expanded = self.scalar.to_bytes(32, "little") + self.prefix
        self.public = _compress(_multiply(self.scalar, BASE))

    def sign(self, message):
        """Returns the 64 bytes of the signature."""
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % ORDER
        commitment = _compress(_multiply(r, BASE))
        challenge = hashlib.sha512(commitment + self.public + message).digest()
        s = (r + int.from_bytes(challenge, "little") % ORDER * self.scalar) % ORDER
        return commitment + s.to_bytes(32, "little")


# --- Nodes -----------------------------------------------------------------------------------------------------------


class Node:
    """One session of libtorrent."""

    def __init__(self, bind, settings):
        self.host, port = bind.rsplit(":", 1)
        self.session = lt.session({**SETTINGS, **settings, "listen_interfaces": bind})
        self.torrents = {}
        opened = self.wait(lt.listen_succeeded_alert, lambda a: "udp" in str(a.socket_type).lower(), TIMEOUT_S)
        if opened is None:
            raise Failure("libtorrent does not listen on " + bind)
        self.port = opened.port
        if int(port) not in (0, self.port):
            raise Failure("libtorrent listens on port %d in place of %s" % (self.port, bind))

    def wait(self, kind, wanted, seconds):
        """Returns the first alert of that kind that is wanted, or None when time is up."""
        for alert in self.alerts(kind, seconds):
            if wanted(alert):
                return alert
        return None

    def alerts(self, kind, seconds):
        """Yields all alerts of that kind until time is up, and drops all others."""
        deadline = time.monotonic() + seconds
        while True:
            for alert in self.session.pop_alerts():
                if isinstance(alert, lt.listen_failed_alert):
                    raise Failure(alert.message())
                if isinstance(alert, kind):
                    yield alert
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self.session.wait_for_alert(max(1, int(left * 1000)))

    def node_id(self):
        """Returns the id; the state lists it with the address that it is for."""
        ids = self.session.dht_state().get(b"node-id", [])
        return ids[0][:20] if ids else None

    def describe(self):
        return {"addr": self.host, "port": self.port, "node_id": self.node_id().hex()}


nodes = []


def node_of(request):
    node = nodes[request["node"]]
    if node is None:
        raise Failure("node %d was stopped" % request["node"])
    return node


def hash_of(text):
    value = bytes.fromhex(text)
    if len(value) != 20:
        raise Failure("a hash has 20 bytes")
    return lt.sha1_hash(value)


def text_of(value):
    """Bytes as text, with escapes for what is not UTF-8."""
    return value.decode("utf-8", "backslashreplace")


def value_of(alert):
    """What a get found. The bindings give strings only, and raise an error for nothing and for all else."""
    try:
        value = alert.item["value"]
    except RuntimeError:
        return {"found": "<uninitialized>" not in alert.message(), "value": None, "hex": None}
    return {"found": True, "value": text_of(value), "hex": value.hex()}


def timeout_of(request):
    return float(request.get("timeout", TIMEOUT_S))


def start(request):
    settings = request.get("settings", {})
    fresh = [Node(bind, settings) for bind in request["bind"]]
    deadline = time.monotonic() + TIMEOUT_S
    while not all(node.node_id() for node in fresh):
        if time.monotonic() > deadline:
            raise Failure("the DHT of a node does not start")
        time.sleep(0.02)
    nodes.extend(fresh)
    return {"nodes": [node.describe() for node in fresh]}


def bootstrap(request):
    node_of(request).session.add_dht_node((request["host"], request["port"]))
    return {}


def acquaint(request):
    chosen = [nodes[i] for i in request.get("nodes", range(len(nodes)))]
    for one in chosen:
        for other in chosen:
            if other is not one:
                one.session.add_dht_node((other.host, other.port))
    return {}


def live(node, seconds):
    wanted = node.node_id()
    node.session.dht_live_nodes(lt.sha1_hash(wanted))
    alert = node.wait(lt.dht_live_nodes_alert, lambda a: a.node_id.to_bytes() == wanted, seconds)
    if alert is None:
        raise Failure("no answer to dht_live_nodes")
    return [
        {"node_id": one["nid"].to_bytes().hex(), "addr": one["endpoint"][0], "port": one["endpoint"][1]}
        for one in alert.nodes
    ]


def state(request):
    node = node_of(request)
    contacts = node.session.dht_state().get(b"nodes", [])
    return {**node.describe(), "verified": len(live(node, timeout_of(request))), "contacts": len(contacts)}


def live_nodes(request):
    return {"nodes": live(node_of(request), timeout_of(request))}


def stats(request):
    node = node_of(request)
    node.session.post_session_stats()
    alert = node.wait(lt.session_stats_alert, lambda a: True, timeout_of(request))
    if alert is None:
        raise Failure("no answer to post_session_stats")
    return {"counters": {name: value for name, value in alert.values.items() if name.startswith("dht.")}}


def announce(request):
    node = node_of(request)
    text = request["info_hash"]
    if text not in node.torrents:
        torrent = lt.add_torrent_params()
        torrent.info_hashes = lt.info_hash_t(hash_of(text))
        torrent.save_path = tempfile.gettempdir()
        torrent.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
        node.torrents[text] = node.session.add_torrent(torrent)
    node.torrents[text].force_dht_announce()
    return {"addr": node.host, "port": node.port}


def peers(request):
    node, info_hash = node_of(request), hash_of(request["info_hash"])
    want = request.get("want", 1)
    deadline = time.monotonic() + timeout_of(request)
    found = set()
    while len(found) < want and time.monotonic() < deadline:
        node.session.dht_get_peers(info_hash)
        seconds = min(TURN_S, max(0.0, deadline - time.monotonic()))
        for alert in node.alerts(lt.dht_get_peers_reply_alert, seconds):
            if alert.info_hash == info_hash:
                found.update("%s:%d" % peer for peer in alert.peers())
            if len(found) >= want:
                break
    return {"peers": sorted(found)}


def put_immutable(request):
    node = node_of(request)
    target = node.session.dht_put_immutable_item(request["value"])
    alert = node.wait(lt.dht_put_alert, lambda a: a.target == target, timeout_of(request))
    if alert is None:
        raise Failure("no end of the put")
    return {"target": target.to_bytes().hex(), "stored": alert.num_success}


def get_immutable(request):
    node, target = node_of(request), hash_of(request["target"])
    node.session.dht_get_immutable_item(target)
    alert = node.wait(lt.dht_immutable_item_alert, lambda a: a.target == target, timeout_of(request))
    if alert is None:
        raise Failure("no end of the get")
    return value_of(alert)


def put_mutable(request):
    node, key = node_of(request), SigningKey(bytes.fromhex(request["seed"]))
    salt = request.get("salt", "").encode()
    node.session.dht_put_mutable_item(key.expanded, key.public, request["value"].encode(), salt)
    alert = node.wait(lt.dht_put_alert, lambda a: bytes(a.public_key) == key.public, timeout_of(request))
    if alert is None:
        raise Failure("no end of the put")
    return {"key": key.public.hex(), "seq": alert.seq, "stored": alert.num_success}


def get_mutable(request):
    node, key = node_of(request), bytes.fromhex(request["key"])
    node.session.dht_get_mutable_item(key, request.get("salt", "").encode())
    alert = node.wait(
        lt.dht_mutable_item_alert, lambda a: bytes(a.key) == key and a.authoritative, timeout_of(request)
    )
    if alert is None:
        raise Failure("no end of the get")
    return {**value_of(alert), "seq": alert.seq, "signature": bytes(alert.signature).hex()}


def stop(request):
    node = node_of(request)
    node.session.pause()
    node.session = None
    nodes[request["node"]] = None
    return {}


# --- KRPC over a socket of this process --------------------------------------------------------------------------------


def socket_to(host, port):
    """Returns a socket for one node: to some, a token is good for the port that it was given to only."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.connect((host, port))
    return own


def ask(own, packet, seconds):
    """Returns the datagram that the node answers with, or None."""
    own.send(packet)
    deadline = time.monotonic() + seconds
    while True:
        own.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            answer = own.recv(65536)
        except socket.timeout:
            return None
        if b"1:y1:q" not in answer[-9:]:  # A node that is asked may ask back first.
            return answer


def query(own, method, arguments, seconds):
    arguments = {b"id": hashlib.sha1(b"interop").digest(), **arguments}
    packet = lt.bencode({b"a": arguments, b"q": method, b"ro": 1, b"t": b"it", b"y": b"q"})
    answer = ask(own, packet, seconds)
    if answer is None:
        raise Failure("no answer to %s" % method.decode())
    return lt.bdecode(answer)


def signed_part(salt, seq, value):
    prefix = b"4:salt" + lt.bencode(salt) if salt else b""
    return prefix + b"3:seqi%de1:v" % seq + lt.bencode(value)


def put_directly(request):
    seconds = timeout_of(request)
    key, seq = SigningKey(bytes.fromhex(request["seed"])), request["seq"]
    salt, value = request.get("salt", "").encode(), request["value"].encode()
    target = hashlib.sha1(key.public + salt).digest()
    arguments = {b"k": key.public, b"seq": seq, b"v": value}
    arguments[b"sig"] = key.sign(signed_part(salt, seq, value))
    if salt:
        arguments[b"salt"] = salt
    if request.get("cas") is not None:
        arguments[b"cas"] = request["cas"]
    with socket_to(request["host"], request["port"]) as own:
        arguments[b"token"] = query(own, b"get", {b"target": target}, seconds)[b"r"][b"token"]
        answer = query(own, b"put", arguments, seconds)
    code, message = answer[b"e"][:2] if answer[b"y"] == b"e" else (0, b"")
    return {"key": key.public.hex(), "code": code, "message": text_of(message)}


def krpc(request):
    with socket_to(request["host"], request["port"]) as own:
        answer = ask(own, bytes.fromhex(request["packet"]), timeout_of(request))
    return {"answer": None if answer is None else answer.hex()}


OPERATIONS = {
    operation.__name__: operation
    for operation in (
        start, bootstrap, acquaint, state, live_nodes, stats, announce, peers, put_immutable, get_immutable,
        put_mutable, get_mutable, put_directly, krpc, stop,
    )
}  # fmt: skip


def answer_to(line):
    try:
        request = json.loads(line)
        return {"ok": True, **OPERATIONS[request["op"]](request)}
    except Failure as failure:
        return {"ok": False, "error": str(failure)}
    except Exception as error:  # Whoever asks is told, and may go on.
        return {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}


def main():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(answer_to(line)), flush=True)


if __name__ == "__main__":
    main()
