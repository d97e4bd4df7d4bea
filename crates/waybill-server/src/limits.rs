//! How much one caller may take: sizes, times and counts, each with its reason.
//!
//! Times guard against peers that hold a connection without using it; sizes guard memory.
//! Clients of the registry wait for an answer without a limit of their own, so every limit here that ends a
//! request ends it with an answer wherever a whole request arrived.

use std::time::Duration;

/// Body of an ordinary request. The biggest real ones are builds with labels and metadata, some 100 KiB.
pub const BODY_BYTES: usize = 8 << 20;

/// Body of a request for a token: a form of a few short members.
pub const TOKEN_BODY_BYTES: usize = 16 << 10;

/// Body of an exchange of a workload's token. Tokens have 1 to 8 KiB, signed requests of AWS with a session 4 KiB.
pub const EXCHANGE_BODY_BYTES: usize = 64 << 10;

/// Exchanges with one workload identity provider at the same time: what a flood can make the registry ask an issuer or
/// AWS at once. Each takes milliseconds as long as the issuer's keys are known.
pub const EXCHANGES: usize = 8;

/// How long an exchange waits for its turn. Clients of HCP give up after 10 s.
pub const EXCHANGE_TURN_TIME: Duration = Duration::from_secs(5);

/// Body of an SBOM upload besides the document: the JSON around it, its name and its format.
const SBOM_ENVELOPE_BYTES: usize = 64 << 10;

/// Nesting of a JSON body. Ours need six levels; `serde_json` itself refuses 128 and more.
pub const JSON_DEPTH: usize = 128;

/// What is read and thrown away of a body that nobody wants, such as one that came with an expired token.
/// To a client that is still sending, an answer is only visible as long as it is listened to.
pub const DISCARD_BYTES: usize = 64 << 20;

/// Request line and header fields together. Tokens are about 1 KiB, proxies add a few hundred bytes; a look-up of 1000
/// principals, as many as Terraform asks for at once, names them in 40 KiB of query.
pub const HEADER_BYTES: u32 = 64 << 10;

/// Read and write buffer of an HTTP/1 connection. Big enough that an upload needs few system calls,
/// small enough that [`CONNECTIONS`] times this is affordable.
pub const BUFFER_BYTES: usize = 64 << 10;

/// Connections at the same time. The next one waits in the system's queue.
pub const CONNECTIONS: usize = 4096;

/// File handles that connections leave to the database, the log and everything else.
const SPARE_FILES: u64 = 256;

/// Requests at the same time on one HTTP/2 connection. A build of many sources sends some dozens at once.
pub const STREAMS: u32 = 128;

/// What an HTTP/2 peer may send ahead on one stream: 512 KiB per round trip, 10 MB/s at 50 ms.
pub const STREAM_WINDOW_BYTES: u32 = 512 << 10;

/// What an HTTP/2 peer may send ahead on all streams together: the memory one connection can claim.
pub const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

/// From connecting to the first byte, which says whether it is TLS.
pub const FIRST_BYTE_TIME: Duration = Duration::from_secs(10);

/// The TLS handshake: a few round trips, also on a slow line.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// From the first byte of an HTTP/1 request to the end of its header fields.
pub const HEADER_TIME: Duration = Duration::from_secs(20);

/// A connection on which nothing is asked and nothing is sent.
/// Go's HTTP client gives an idle connection up after 90 s. As we wait longer, it is the client that closes,
/// and no request is lost because it crossed our closing on the wire (clients do not repeat a POST or PATCH).
pub const IDLE_TIME: Duration = Duration::from_secs(150);

/// A request body of which no further byte arrives.
pub const BODY_STALL_TIME: Duration = Duration::from_secs(20);

/// A whole request body: the 43 MiB of the biggest SBOM upload at 1.2 Mbit/s.
pub const BODY_TIME: Duration = Duration::from_mins(5);

/// From a request to its answer, reading the body not counted. Handlers answer in milliseconds;
/// Packer's core gives some calls up after 30 s and waits for others for ever.
pub const ANSWER_TIME: Duration = Duration::from_mins(1);

/// From the first to the last byte of an SBOM that is downloaded: 256 MiB at 7 Mbit/s, or a usual one at 56 kbit/s.
/// Whoever downloads holds a turn that others wait for.
pub const DOWNLOAD_TIME: Duration = Duration::from_mins(5);

/// The life of a connection, after which it ends with its current requests. Bounds whatever no other limit sees,
/// such as an HTTP/2 peer that answers pings and never takes its data.
pub const CONNECTION_AGE: Duration = Duration::from_hours(1);

/// How long a stopping server waits for requests in flight. Below the 30 s after which orchestrators kill,
/// and well above [`ANSWER_TIME`]'s usual case.
pub const DRAIN_TIME: Duration = Duration::from_secs(20);

/// HTTP/2: a ping after this long without a word from a peer that has requests open.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);

/// HTTP/2: how long the answer to a ping may take.
pub const PING_TIME: Duration = Duration::from_secs(20);

/// Answers from here on are compressed for clients that accept it. What fits one network packet gains nothing.
pub const COMPRESS_BYTES: u64 = 1400;

/// Characters of a client's description of itself that go to the log.
pub const SOURCE_CHANNEL_CHARACTERS: usize = 160;

/// A request of the registry's own, from resolving the name to the end of the answer. Whoever waits for a login or a
/// token behind it gives up after ten seconds or a little later.
pub const EGRESS_TIME: Duration = Duration::from_secs(10);

/// The part of [`EGRESS_TIME`] that connecting may take, all addresses of the name together.
pub const EGRESS_CONNECT_TIME: Duration = Duration::from_secs(5);

/// How long a connection of the registry's own is kept for the next request. Shorter than what servers commonly wait.
pub const EGRESS_IDLE_TIME: Duration = Duration::from_secs(20);

/// Body of an answer to the registry. Key sets and discovery documents have some 10 KiB.
pub const EGRESS_ANSWER_BYTES: usize = 1 << 20;

/// Header fields of an answer to the registry; public issuers send some 20, in 3 KiB.
pub const EGRESS_HEADERS: usize = 100;

/// All header fields of an answer to the registry together.
pub const EGRESS_HEADER_BYTES: usize = 32 << 10;

/// An issuer's configuration and its keys, or AWS's answer, together. Clients give an exchange up after ten seconds.
pub const FEDERATION_TIME: Duration = Duration::from_secs(8);

/// An issuer's configuration. Real ones have up to 10 KiB.
pub const DISCOVERY_BYTES: usize = 256 << 10;

/// An issuer's keys: [`KEYS`] of the longest kind, with certificates.
pub const KEY_SET_BYTES: usize = 512 << 10;

/// Keys of an issuer. Real ones have up to 20.
pub const KEYS: usize = 100;

/// A token of another issuer. With hundreds of groups they have some 10 KiB.
pub const FOREIGN_TOKEN_BYTES: usize = 32 << 10;

/// AWS's answer, which has less than 1 KiB.
pub const STS_ANSWER_BYTES: usize = 64 << 10;

/// Builds that the items of one page carry: a page of versions that have a thousand builds each ends after five of them.
/// With a few artifacts and labels each, that many are some 5 MiB.
pub const BUILDS_PER_PAGE: u32 = 5000;

/// Returns how many connections a process may hold that may open `max_open_files` files (`None`: unlimited or unknown).
pub fn connections(max_open_files: Option<u64>) -> usize {
    let Some(files) = max_open_files else { return CONNECTIONS };
    let spare = SPARE_FILES.min(files / 2);
    usize::try_from(files - spare).unwrap_or(CONNECTIONS).clamp(1, CONNECTIONS)
}

/// Returns the limit of an SBOM upload's body when its compressed document may have `compressed_bytes`:
/// base64 makes four characters of three bytes.
pub fn sbom_body_bytes(compressed_bytes: usize) -> usize {
    (compressed_bytes / 3).saturating_mul(4).saturating_add(SBOM_ENVELOPE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_an_sbom_follows_the_limit_of_the_document() {
        assert_eq!(sbom_body_bytes(0), 65_536);
        assert_eq!(sbom_body_bytes(3 << 20), (4 << 20) + 65_536);
        assert_eq!(sbom_body_bytes(usize::MAX), usize::MAX);
    }

    #[test]
    fn connections_leave_files_to_the_rest() {
        assert_eq!(connections(None), 4096);
        assert_eq!(connections(Some(1 << 20)), 4096);
        assert_eq!(connections(Some(1024)), 768);
        assert_eq!(connections(Some(100)), 50);
        assert_eq!(connections(Some(0)), 1);
    }
}
