//! Every key takes what it shows, as people write it, and refuses what makes no sense.

use super::*;

fn set(name: &str, text: &str) -> Result<String, String> {
    let mut config = Config::new("d".into());
    let key = find(name).unwrap();
    key.set(&mut config, text, &Source::Default)?;
    Ok(key.show(&config))
}

#[test]
fn each_key_takes_what_it_shows() {
    for key in KEYS {
        let shown = key.show(&Config::new("d".into()));
        if !shown.is_empty() {
            assert_eq!(
                set(key.name, &shown).unwrap().trim_end_matches('/'),
                shown,
                "{}",
                key.name
            );
        }
    }
}

#[test]
fn values_are_read_as_people_write_them() {
    for (name, typed, shown) in [
        ("listen", "[::]:80", "[::]:80"),
        ("base-url", "https://Example.org/", "https://example.org"),
        ("trusted_proxies", "10.0.0.0/8, ::1", "10.0.0.0/8,::1/128"),
        ("demo", "YES", "on"),
        ("limits", "0", "off"),
        ("link_checks", "off", "off"),
        ("lesson_counts", "off", "off"),
        ("cache-size", "16MiB", "16MiB"),
        ("cache-size", "1536 KiB", "1536KiB"),
        ("cache-size", "0", "0"),
        ("cache-size", "2000000", "2000000"),
        ("metrics-allow", "10.0.0.0/8", "10.0.0.0/8"),
        ("workers-min", "4", "4"),
        ("workers_max", "40", "40"),
        ("max-connections", "20000", "20000"),
        ("drain", "2m", "120s"),
        ("drain", "7", "7s"),
        ("access-log", "errors", "errors"),
        ("signup", "invite", "invite"),
        ("metrics-token", "hush", "***"),
        ("metrics_token_file", "/run/token", "/run/token"),
        ("token-file", "/run/token", "/run/token"),
        ("follow", "https://a.example.org", "https://a.example.org/"),
        ("node_url", "http://10.0.0.2:8080", "http://10.0.0.2:8080"),
        ("replicate", "async", "async"),
        ("require-standby", "on", "on"),
        ("cloudflare-token", "hush", "***"),
        ("cloudflare-plan", "business", "business"),
    ] {
        assert_eq!(set(name, typed).as_deref(), Ok(shown), "{name} = {typed}");
    }
}

#[test]
fn a_secret_is_not_taken_as_a_flag() {
    for name in ["cloudflare-token", "metrics-token"] {
        let key = find(name).unwrap();
        let mut config = Config::new("d".into());
        let flag = Source::Flag(key.name);
        let problem = key.set(&mut config, "hush", &flag).unwrap_err();
        assert!(problem.contains(&format!("--{name}-file")) && !problem.contains("hush"));
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (name, typed) in [
        ("listen", "8080"),
        ("base-url", "example.org"),
        ("base-url", "ftp://example.org"),
        ("base-url", "https://example.org/news"),
        ("base-url", "https://ada@example.org"),
        ("trusted-proxies", "all"),
        ("limits", "maybe"),
        ("cache-size", "much"),
        ("cache-size", "64"),
        ("cache-size", "-1"),
        ("cache-size", "99999999999GiB"),
        ("metrics-allow", "all"),
        ("workers-min", "2"),
        ("workers-max", "many"),
        ("workers-max", "1000"),
        ("max-connections", "0"),
        ("max-connections", "many"),
        ("drain", "soon"),
        ("drain", "99999999999s"),
        ("access-log", "some"),
        ("signup", "closed"),
        ("log", "info,,=x=y"),
        ("log", ""),
    ] {
        assert!(set(name, typed).is_err(), "{name} = {typed}");
    }
}
