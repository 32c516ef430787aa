"""Who hears at once and who a little later: gossipsub in which no crowd of strangers stands between two peers.

The mesh of a topic holds six to twelve peers. In libp2p 0.8 whoever has no room in it hears nothing for a minute at
least, whoever they are: one node that twenty others call, or twenty processes of one stranger, make that a rule.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pb import rpc_pb2

Known = Callable[[ID], bool]
"""Whether a peer is somebody to this network, as far as is known now. Must not block."""

_UNLIMITED: Final = 1e9
_LONGEST_BACK_OFF: Final = 600


class Mesh(GossipSub):
    """Gossipsub with the settings that lose nothing in a small mesh; peers that ``is_known`` names come first."""

    def __init__(self, is_known: Known) -> None:
        super().__init__(
            # 1.2 sends a control message for every message to everyone, however small; it doubles the work.
            protocols=["/meshsub/1.1.0"],  # type: ignore[list-item]
            degree=6,
            degree_low=4,
            degree_high=12,
            # The default heartbeat of 120 s repairs nothing in time, and adaptive gossip slows it further.
            heartbeat_interval=1,
            adaptive_gossip_enabled=False,
            # The limit of 10/s counts per forwarder and makes holes inside the mesh: ours counts per origin.
            max_messages_per_topic_per_second=_UNLIMITED,
            # It wants three address ranges in every mesh, which no machine running several peers has.
            eclipse_protection_enabled=False,
        )
        self._is_known = is_known
        # Ten repairs a second are too few after a burst; these two are no constructor arguments.
        self.max_iwant_requests_per_second = 1000.0
        self.max_ihave_messages_per_second = 1000.0
        # When every message came is noted for ever, and only adaptive gossip would look at it: nothing is noted.
        self.recent_message_deliveries = cast(Any, defaultdict(lambda: deque[float](maxlen=0)))

    def mesh_heartbeat(self) -> tuple[defaultdict[ID, list[str]], defaultdict[ID, list[str]]]:
        """Also take known peers in while few of them are in the mesh, however many strangers are."""
        grafts, prunes = super().mesh_heartbeat()
        for topic, members in self.mesh.items():
            missing = self.degree_low - sum(map(self._is_known, members))
            for peer in self._outside(topic):
                if missing > 0 and self._is_known(peer) and not self._check_back_off(peer, topic):
                    members.add(peer)
                    self._notify_mesh_peer_added(peer, topic)
                    grafts[peer].append(topic)
                    missing -= 1
        self._forget_back_offs()
        return grafts, prunes

    def gossip_heartbeat(self) -> defaultdict[ID, dict[str, list[bytes]]]:
        """Tell peers outside the mesh what was said: also those that were put out of it, which libp2p leaves out."""
        told: defaultdict[ID, dict[str, list[bytes]]] = defaultdict(dict)
        for topic in self.mesh:
            if said := self.mcache.window(topic):
                outside = self._outside(topic)
                for peer in outside[: max(self.degree, len(outside) // 4)]:
                    told[peer][topic] = list(said)
        return told

    async def handle_prune(self, prune_msg: rpc_pb2.ControlPrune, sender_peer_id: ID) -> None:
        """Leave a peer's mesh for as long as it says, within reason: it may say for ever."""
        prune_msg.backoff = min(prune_msg.backoff, _LONGEST_BACK_OFF)
        await super().handle_prune(prune_msg, sender_peer_id)

    def _get_peers_to_send(
        self, topic_ids: Iterable[str], msg_forwarder: ID, origin: ID, msg_id: bytes | None = None
    ) -> Iterable[ID]:
        """What this node says itself goes to everybody who listens (flood publishing, gossipsub 1.1)."""
        topics = list(topic_ids)
        if self.pubsub is None or origin != self.pubsub.my_id:
            return super()._get_peers_to_send(topics, msg_forwarder, origin, msg_id)
        return set().union(*(self.pubsub.peer_topics.get(topic, ()) for topic in topics)) - {origin}

    def _select_peers_for_pruning(self, topic: str, num_to_prune: int) -> list[ID]:
        """Strangers go first."""
        members = self._shuffled(self.mesh.get(topic, ()))
        return members[len(members) - max(0, num_to_prune) :]

    def _outside(self, topic: str) -> list[ID]:
        """Who listens to a topic and is not in its mesh, known peers first."""
        listening = self.pubsub.peer_topics.get(topic, ()) if self.pubsub else ()
        members = self.mesh.get(topic, set())
        return self._shuffled(peer for peer in listening if self._is_gossipsub_peer(peer) and peer not in members)

    def _shuffled(self, peers: Iterable[ID]) -> list[ID]:
        """Peers in random order, known ones first."""
        mixed = list(peers)
        random.shuffle(mixed)
        return sorted(mixed, key=self._is_known, reverse=True)

    def _forget_back_offs(self) -> None:
        """Everybody who was ever put out stays noted otherwise, connected or not."""
        for topic, until in self.back_off.items():
            self.back_off[topic] = {peer: end for peer, end in until.items() if end > time.time()}

    def _check_equivocation(self, msg: rpc_pb2.Message) -> bool:
        """Keep no thousand messages to compare: what was seen is asked for before it comes to that."""
        return True
