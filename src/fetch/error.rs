//! Why a title could not be fetched, each with the sentence that the member
//! reads.
//!
//! The sentences must never tell a refused address from one that does not
//! answer: with two different ones the form would map the private network.

use thiserror::Error;

/// Why a page's title could not be fetched; `Display` is for the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FetchError {
    /// Not a URL, not http or https, another port, or with a user name.
    #[error("Titles can only be fetched from plain http:// or https:// addresses.")]
    Url,
    /// The host is, or resolves to, an address that is not public. Reads the
    /// same as [`FetchError::Unreachable`].
    #[error("That site could not be reached.")]
    Forbidden,
    /// The name does not resolve, or nothing accepted the connection in time.
    #[error("That site could not be reached.")]
    Unreachable,
    /// The site was reached, but TLS could not be established.
    #[error("That site has no valid certificate.")]
    Tls,
    /// The site was reached, but did not deliver before the deadline.
    #[error("That site took too long to answer.")]
    Timeout,
    /// More than five redirects.
    #[error("That address redirects too many times.")]
    TooManyRedirects,
    /// Any answer that is neither a success nor a redirect.
    #[error("That site answered with an error ({0}).")]
    Status(u16),
    /// The answer's content type is not HTML.
    #[error("That address is not a web page.")]
    NotHtml,
    /// Not proper HTTP, headers beyond bounds, or a compressed body, which
    /// was not asked for.
    #[error("That site's answer could not be read.")]
    Unreadable,
    /// No title in as much of the page as is read.
    #[error("That page is too large to find its title.")]
    TooLarge,
    /// The whole page was read and has no title.
    #[error("That page has no title.")]
    NoTitle,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_address_reads_like_one_that_does_not_answer() {
        assert_eq!(
            FetchError::Forbidden.to_string(),
            FetchError::Unreachable.to_string()
        );
    }
}
