/** Bytes of one message at most when a server sets nothing else: a register page of 250 contacts has some 150 kB. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a call's metadata: a caller, a key and a trace need 1 kB. */
export const MAX_METADATA_BYTES = 16 * 1024;
/** Calls of one connection at once. */
export const MAX_CONCURRENT_STREAMS = 1_000;
/** Milliseconds a unary call may run when its client says nothing or more. */
export const MAX_UNARY_MS = 60_000;
/** Milliseconds without traffic after which a running call's peer is asked whether it lives. */
export const KEEPALIVE_MS = 2_000;
/** Milliseconds it has to answer: a frozen host is found in 3 s (measured). */
export const KEEPALIVE_TIMEOUT_MS = 1_000;
/** Milliseconds to open a connection, TLS and HTTP/2 settings included. */
export const CONNECT_MS = 2_000;
/** Milliseconds between two tries to connect to an instance that is away, at most: restarts take 0.2-5 s. */
export const MAX_RECONNECT_MS = 1_000;

/** ms after which a connection takes no new calls and is opened anew: what was proven with a certificate that was replaced is proven again. Calls under way are not cut. */
export const MAX_CONNECTION_AGE_MS = 30 * 60_000;
