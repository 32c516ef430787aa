"""What counts against a peer in gossip, with time that is made up."""

from __future__ import annotations

from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from p2p_peers import seed

from thenar.adapters.p2p import conduct
from thenar.adapters.p2p.conduct import Conduct

TOPIC = "/thenar/1/1"
ME, ANA, EVE = (ID.from_pubkey(create_new_key_pair(seed(name)).public_key) for name in ("me", "ana", "eve"))


class _Watched:
    """A conduct whose clock is set and whose hang-ups are listed."""

    def __init__(self) -> None:
        self.now, self.hung_up = 0.0, list[ID]()
        self.conduct = Conduct(TOPIC, ME, lambda: self.now, self.hung_up.append)

    def weigh(self, peer: ID, rpc: rpc_pb2.RPC) -> None:
        self.conduct.weigh(peer, rpc, rpc.ByteSize())


def _messages(count: int) -> rpc_pb2.RPC:
    return rpc_pb2.RPC(publish=[rpc_pb2.Message(data=b"x" * 400, topicIDs=[TOPIC])] * count)


def _offer(ids: int) -> rpc_pb2.RPC:
    return rpc_pb2.RPC(
        control=rpc_pb2.ControlMessage(ihave=[rpc_pb2.ControlIHave(topicID=TOPIC, messageIDs=[b"f" * 92] * ids)])
    )


def _subscriptions(*topics: str) -> rpc_pb2.RPC:
    return rpc_pb2.RPC(subscriptions=[rpc_pb2.RPC.SubOpts(subscribe=True, topicid=topic) for topic in topics])


def test_a_full_networks_talk_for_an_hour_after_a_long_silence_cuts_nobody() -> None:
    watched = _Watched()
    watched.weigh(ANA, _subscriptions(TOPIC, "/ipfs/something", "/another/chain"))
    for _ in range(4096):
        watched.weigh(ANA, _messages(1))  # a queue that had filled up
    for second in range(3600):
        watched.now = second
        watched.weigh(ANA, _messages(200))
        watched.weigh(ANA, _offer(1000))

    assert not watched.hung_up


def test_more_messages_than_any_network_says_cut_their_sender() -> None:
    watched = _Watched()
    for tick in range(1000):
        watched.now = tick / 100
        watched.weigh(EVE, _messages(100))
        watched.weigh(ANA, _messages(1))

    assert watched.hung_up == [EVE]


def test_more_ids_than_any_network_needs_cut_their_sender() -> None:
    watched = _Watched()
    for tick in range(100):
        watched.now = tick / 10
        watched.weigh(EVE, _offer(5000))
        watched.weigh(ANA, _offer(50))

    assert watched.hung_up == [EVE]


def test_what_is_about_other_topics_is_taken_out_and_counted() -> None:
    watched = _Watched()
    rpc = _subscriptions(TOPIC, "/a", "/b")
    rpc.control.graft.add(topicID="/a")
    rpc.control.graft.add(topicID=TOPIC)
    rpc.control.prune.add(topicID="/a", backoff=2**40)
    rpc.control.ihave.add(topicID="/a", messageIDs=[b"00"])
    watched.weigh(EVE, rpc)

    assert [entry.topicid for entry in rpc.subscriptions] == [TOPIC]
    assert [entry.topicID for entry in rpc.control.graft] == [TOPIC]
    assert not rpc.control.prune and not rpc.control.ihave
    assert not watched.hung_up
    for number in range(100):
        watched.weigh(EVE, _subscriptions(*(f"/{number}/{each}" for each in range(1000))))
    assert watched.hung_up == [EVE]


def test_nobody_shuts_himself_out() -> None:
    watched = _Watched()
    for _ in range(100):
        watched.conduct.blame(ME, conduct.LARGE, "whatever")

    assert not watched.hung_up and not watched.conduct.is_shut_out(ME)
