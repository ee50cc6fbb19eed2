//! Ids, each a type of its own, so that a story's can never be taken for a member's.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// From the number that the store keeps.
            #[must_use]
            pub const fn new(raw: i64) -> Self {
                Self(raw)
            }

            /// The number that the store keeps.
            #[must_use]
            pub const fn raw(self) -> i64 {
                self.0
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ();

            /// Digits only: no sign, no spaces, no leading zero.
            fn from_str(text: &str) -> Result<Self, ()> {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                if !digits || text.starts_with('0') {
                    return Err(());
                }
                text.parse().map(Self).map_err(|_| ())
            }
        }
    };
}

id!(
    /// A member.
    UserId
);
id!(
    /// A story; stories and comments share one sequence.
    StoryId
);
id!(
    /// A comment; stories and comments share one sequence.
    CommentId
);
id!(
    /// A topic tag.
    TagId
);
id!(
    /// A signed-in browser.
    SessionId
);
id!(
    /// An invitation.
    InviteId
);
id!(
    /// An entry of the directory of resources.
    ResourceId
);
id!(
    /// A report of what is wrong with a lesson.
    ReportId
);

/// A story or a comment: what can be voted on, flagged and saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemId {
    /// A story.
    Story(StoryId),
    /// A comment.
    Comment(CommentId),
}

impl ItemId {
    /// The number, unique among stories and comments together.
    #[must_use]
    pub const fn raw(self) -> i64 {
        match self {
            Self::Story(id) => id.raw(),
            Self::Comment(id) => id.raw(),
        }
    }
}

/// What a person's marks are kept under: the number of a story or comment; below zero, that of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkId(i64);

impl MarkId {
    /// The number that the store keeps.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }
}

impl From<ItemId> for MarkId {
    fn from(item: ItemId) -> Self {
        Self(item.raw())
    }
}

impl From<ResourceId> for MarkId {
    fn from(resource: ResourceId) -> Self {
        Self(-resource.raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_digits_are_an_id() {
        assert_eq!("42".parse(), Ok(StoryId::new(42)));
        for bad in [
            "",
            "0",
            "007",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1e3",
            "٣",
            "99999999999999999999",
        ] {
            assert_eq!(bad.parse::<StoryId>(), Err(()), "{bad:?}");
        }
    }
}
