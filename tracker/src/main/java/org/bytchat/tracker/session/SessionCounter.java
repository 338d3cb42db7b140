package org.bytchat.tracker.session;

import org.apiguardian.api.API;

/** What sessions count. */
@API(status = API.Status.EXPERIMENTAL)
public enum SessionCounter {
  /** Connections that were made or accepted, before any limit. */
  CONNECTIONS,
  /** Connections refused because there are as many as may be. */
  REFUSED_SESSIONS,
  /** Connections refused because their source has as many as it may have. */
  REFUSED_SOURCE_SESSIONS,
  /** Connections refused because their source has too many handshakes under way. */
  REFUSED_SOURCE_HALF_OPEN,
  /** Connections refused because their source connects too often. */
  REFUSED_SOURCE_RATE,
  /** Times that a session was not read for a while, since its source sends too many frames. */
  THROTTLED,
  /** Sessions whose handshake completed. */
  OPENED,
  /** Handshakes that did not begin as they must. */
  HANDSHAKE_BAD_PREAMBLE,
  /** Handshakes for another network. */
  HANDSHAKE_OTHER_NETWORK,
  /** Handshakes without a version that both sides speak. */
  HANDSHAKE_NO_COMMON_VERSION,
  /** Handshakes with a message of a wrong size, or that does not verify. */
  HANDSHAKE_BAD_MESSAGE,
  /** Handshakes with a public key to which every secret key gives the same result. */
  HANDSHAKE_WEAK_KEY,
  /** Handshakes with another node than was looked up. */
  HANDSHAKE_WRONG_NODE,
  /** Handshakes with a certificate that is not this node's for this key. */
  HANDSHAKE_BAD_CERTIFICATE,
  /** Handshakes with a certificate that is not valid now. */
  HANDSHAKE_CERTIFICATE_TIMES,
  /** Handshakes that took too long. */
  HANDSHAKE_TIMEOUT,
  /** Handshakes that the peer broke off. */
  HANDSHAKE_ABANDONED,
  /** Handshakes dropped because too many wait for their cryptography. */
  HANDSHAKE_BUSY,
  /** Handshakes dropped for a newcomer because as many are under way as may be. */
  HANDSHAKE_DISPLACED,
  /** Connections that could not be made. */
  UNREACHABLE,
  /** Sessions closed by the application here. */
  CLOSED_BY_APPLICATION,
  /** Sessions closed by the peer, or whose connection broke. */
  CLOSED_BY_PEER,
  /** Sessions and handshakes closed because this side shuts down. */
  CLOSED_SHUTDOWN,
  /** Sessions closed because the peer sent nothing for too long. */
  CLOSED_IDLE,
  /** Sessions closed because a frame took too long to arrive. */
  CLOSED_FRAME_TIMEOUT,
  /** Sessions closed because the peer does not read. */
  CLOSED_SLOW_READER,
  /** Sessions closed because a frame is longer than it may be. */
  CLOSED_FRAME_TOO_LARGE,
  /** Sessions closed because a frame has a length that no frame has. */
  CLOSED_FRAME_MALFORMED,
  /** Sessions closed because a frame does not verify. */
  CLOSED_FRAME_FORGED,
  /** Sessions closed because too many bytes of incomplete frames are held. */
  CLOSED_INBOUND_FULL,
  /** Sessions closed because their keys were used as often as they may be. */
  CLOSED_KEYS_EXHAUSTED,
  /** Sessions closed because the application's listener threw an exception. */
  CLOSED_LISTENER_FAILED,
  /** Sessions and handshakes closed because of an error in this program. */
  CLOSED_INTERNAL_ERROR,
  /** Frames received, without keep-alives. */
  FRAMES_IN,
  /** Frames sent, without keep-alives. */
  FRAMES_OUT,
  /** Empty frames received. */
  KEEP_ALIVES_IN,
  /** Empty frames sent. */
  KEEP_ALIVES_OUT,
  /** Bytes received from the network. */
  BYTES_IN,
  /** Bytes handed to the network. */
  BYTES_OUT,
  /** Frames not taken for sending because too many bytes wait. */
  SENDS_REFUSED
}
