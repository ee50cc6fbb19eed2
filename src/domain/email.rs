//! E-mail addresses: what passes for one, and what makes two of them the same.

/// An e-mail address as somebody typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// Longest address that mail can carry (RFC 5321, 4.5.3.1.3), in bytes.
const LONGEST: usize = 254;

impl Email {
    /// Checks an address: one `@` with something on both sides, no spaces or controls. More is only known by writing to it.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"()".contains(c);
        let halves = text.rsplit_once('@');
        let whole = halves.is_some_and(|(local, host)| {
            !local.is_empty()
                && !local.contains('@')
                && !host.is_empty()
                && !host.starts_with(['.', '-'])
                && !host.ends_with(['.', '-'])
        });
        if text.len() > LONGEST {
            Err("This e-mail address is too long.")
        } else if !whole || text.contains(odd) {
            Err("This is not an e-mail address, such as ada@example.org.")
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// As its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What makes addresses the same to us: case does not count.
#[must_use]
pub fn key(address: &str) -> String {
    address.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for good in [
            "a@b",
            " ada@example.org ",
            "a.b+c@x-y.example",
            "ä@ö.example",
        ] {
            assert!(Email::parse(good).is_ok(), "{good:?}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: c@d",
            "a@.b",
            "<a@b>",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
