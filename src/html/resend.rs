//! A form that could not be taken, once more: all that was typed stands in it, but for passwords.

use maud::{Markup, html};

use crate::html::page::{Frame, page};
use crate::html::path;

/// Texts that are longer get more room.
const SHORT: usize = 80;

/// The page. `to` is where the form was sent, `fields` what was in it, `number` what it is known by when it comes again.
#[must_use]
pub fn show(frame: &Frame, to: &str, fields: &[(&str, &str)], number: &str) -> Markup {
    page(
        frame,
        &html! {
            div.lead {
                h1 { "This could not be sent just now" }
                p {
                    "The part of the site that saves things cannot be reached. What you typed stands below: nothing of it is \
                    lost as long as this page is open. Please send it again in a little while; should it have arrived after \
                    all, sent as it is it does not arrive twice."
                }
            }
            form.form method="post" action=(path::local(to)) {
                @for (number, (name, value)) in fields.iter().enumerate() {
                    (field(number, name, value))
                }
                // The last field: it is looked for there.
                input type="hidden" name="again" value=(number);
                p.row { button.button.main { "Send again" } }
            }
        },
    )
}

fn field(number: usize, name: &str, value: &str) -> Markup {
    let id = format!("sent-{number}");
    if is_secret(name) {
        return html! {
            div.field {
                label for=(id) { (label(name)) }
                input id=(id) type="password" name=(name) required autocomplete="off";
            }
        };
    }
    if UNSEEN.contains(&name) || value.is_empty() {
        return html! { input type="hidden" name=(name) value=(value); };
    }
    html! {
        div.field {
            label for=(id) { (label(name)) }
            @if value.len() > SHORT || value.contains('\n') {
                // A line break right behind the tag would not count as the text's own.
                textarea id=(id) name=(name) rows="8" { "\n" (value) }
            } @else {
                input id=(id) type="text" name=(name) value=(value);
            }
        }
    }
}

/// What pages send along without anybody having typed it.
const UNSEEN: [&str; 8] = [
    "back", "next", "parent", "preview", "do", "user", "invite", "saved",
];

/// Fields that hold passwords or the like: `password` (everywhere), `old` and `new` (when it is changed).
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["old", "new"].contains(&name.as_str())
        || ["pass", "secret", "token"]
            .iter()
            .any(|word| name.contains(word))
}

/// A field's name as people read it.
fn label(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first
        .into_iter()
        .chain(letters)
        .collect::<String>()
        .replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_there_and_passwords_are_not() {
        let text = field(0, "text", "<b>\"hi\"\n</textarea>").into_string();
        assert!(
            text.contains("&lt;b&gt;&quot;hi&quot;\n&lt;/textarea&gt;</textarea>"),
            "{text}"
        );
        for name in [
            "password",
            "Password",
            "old",
            "new",
            "new_password",
            "token",
        ] {
            let text = field(0, name, "hunter2").into_string();
            assert!(
                !text.contains("hunter2") && text.contains("type=\"password\""),
                "{text}"
            );
        }
        let hidden = field(0, "back", "/s/7").into_string();
        assert!(
            hidden.contains("type=\"hidden\"") && hidden.contains("/s/7"),
            "{hidden}"
        );
    }
}
