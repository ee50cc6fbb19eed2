//! The site and what it is compared with: each as fast as its manual tells, one worker each, without access logs.

use std::fs;
use std::path::Path;

use super::sample::{self, Headers, Sample};
use crate::server::{Server, free_port};

/// The name of the site in tables.
pub const SITE: &str = "site";
/// The same of actix-web with a lookup.
pub const BARE: &str = "bare actix";
/// The same of nginx that caches what another server sent.
pub const NGINX_PROXY: &str = "nginx proxy_cache";
/// The same with `open_file_cache`, which spares it opening the kept file for each request.
pub const NGINX_TUNED: &str = "nginx proxy_cache, open files kept";
/// The same of the cache in `HAProxy`.
pub const HAPROXY: &str = "HAProxy";
/// The same of Varnish.
pub const VARNISH: &str = "Varnish";
const NGINX_STATIC: &str = "nginx static";

/// Lets nginx keep files open.
const OPEN_FILES: &str = "open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;";

/// The site on a data directory.
pub fn site(dir: &Path, data: &Path) -> Server {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let data = data.to_str().unwrap();
    let arguments = [
        "--data",
        data,
        "serve",
        "--listen",
        &listen,
        "--access-log",
        "off",
        "--limits",
        "off",
    ];
    let server = Server::start(dir, SITE, port, env!("CARGO_BIN_EXE_site"), &arguments);
    server.check_one_loop();
    server
}

/// This program as actix-web with a lookup; see [`super::bare`].
fn bare(dir: &Path, name: &'static str, role: &str) -> Server {
    let port = free_port();
    let program = std::env::current_exe().unwrap();
    let arguments = ["bare", dir.to_str().unwrap(), &port.to_string(), role];
    let server = Server::start(dir, name, port, program.to_str().unwrap(), &arguments);
    server.check_one_loop();
    server
}

/// The servers that the site is compared with, and the one that stands behind the proxies.
pub fn start(dir: &Path, samples: &[Sample]) -> (Vec<Server>, Server) {
    let upstream = bare(dir, "upstream", "upstream");
    let behind = upstream.address.port();
    let peers = vec![
        bare(dir, BARE, "alone"),
        nginx_static(dir, samples),
        nginx_proxy(dir, NGINX_PROXY, "", behind),
        nginx_proxy(dir, NGINX_TUNED, OPEN_FILES, behind),
        haproxy(dir, behind),
        varnish(dir, behind),
    ];
    (peers, upstream)
}

fn nginx_static(dir: &Path, samples: &[Sample]) -> Server {
    let root = sample::folder(dir);
    let pages: String = samples.iter().map(location).collect();
    nginx(
        dir,
        NGINX_STATIC,
        &format!("root {};\n{pages}", root.display()),
        OPEN_FILES,
    )
}

/// A file with the page's headers. Its `ETag` is nginx's own: with another one it would not answer 304.
fn location(sample: &Sample) -> String {
    let kind = value(&sample.gzip.headers, "content-type");
    let block = sample.gzip.headers.iter();
    let own = ["content-type", "content-encoding", "etag"];
    let lines: Vec<String> = block
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| format!("add_header {name} {};\n", quoted(value)))
        .collect();
    format!(
        "location = /{} {{\n types {{ }}\n default_type {};\n gzip_static on;\n add_header Last-Modified \"\";\n{}}}\n",
        sample.name,
        quoted(kind),
        lines.concat()
    )
}

fn value<'a>(headers: &'a Headers, name: &str) -> &'a str {
    let found = headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn quoted(value: &str) -> String {
    assert!(
        !value.contains('$'),
        "nginx would take {value} for a variable"
    );
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn nginx_proxy(dir: &Path, name: &'static str, tuning: &str, behind: u16) -> Server {
    let server = format!(
        "location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_cache pages;
        }}"
    );
    let kept = dir.join(format!("{name}-kept").replace([' ', ','], "-"));
    let http = format!(
        "proxy_cache_path {} keys_zone=pages:10m max_size=100m inactive=1h use_temp_path=off;\n{tuning}",
        kept.display()
    );
    nginx(dir, name, &server, &http)
}

fn nginx(dir: &Path, name: &'static str, server: &str, http: &str) -> Server {
    let port = free_port();
    let file = name.replace([' ', ','], "-");
    let at = dir.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {at}/{file}-{kind};\n"))
        .concat();
    // `user` counts for root only; without it the worker could not read the temporary directory.
    let text = format!(
        "daemon off;
        user root;
        worker_processes 1;
        pid {at}/{file}.pid;
        events {{ worker_connections 1024; }}
        http {{
            access_log off;
            server_tokens off;
            sendfile on;
            keepalive_timeout 600;
            keepalive_requests 1000000000;
            {temporary}
            {http}
            server {{
                listen 127.0.0.1:{port};
                {server}
            }}
        }}"
    );
    let config = dir.join(format!("{file}.conf"));
    fs::write(&config, text).unwrap();
    let log = dir.join(format!("{file}.log"));
    let arguments = ["-c", config.to_str().unwrap(), "-e", log.to_str().unwrap()];
    Server::start(dir, name, port, "nginx", &arguments)
}

fn haproxy(dir: &Path, behind: u16) -> Server {
    let port = free_port();
    let text = format!(
        "global
            nbthread 1
            maxconn 1000
        defaults
            mode http
            timeout connect 5s
            timeout client 600s
            timeout server 60s
        cache pages
            total-max-size 100
            max-object-size 1000000
            max-age 3600
            process-vary on
        frontend door
            bind 127.0.0.1:{port}
            http-request cache-use pages
            http-response cache-store pages
            default_backend bare
        backend bare
            server one 127.0.0.1:{behind}
"
    );
    let config = dir.join("haproxy.cfg");
    fs::write(&config, text).unwrap();
    let arguments = ["-db", "-f", config.to_str().unwrap()];
    Server::start(dir, HAPROXY, port, "haproxy", &arguments)
}

/// With Varnish's own handling of gzip off, it keeps both variants and unpacks none for a visitor: several times faster
/// for those without gzip.
fn varnish(dir: &Path, behind: u16) -> Server {
    let port = free_port();
    let text =
        format!("vcl 4.1;\nbackend bare {{ .host = \"127.0.0.1\"; .port = \"{behind}\"; }}\n");
    let config = dir.join("varnish.vcl");
    fs::write(&config, text).unwrap();
    let listen = format!("127.0.0.1:{port}");
    let work = dir.join("varnish");
    let arguments = [
        "-F",
        "-j",
        "none",
        "-T",
        "none",
        "-n",
        work.to_str().unwrap(),
        "-a",
        &listen,
        "-f",
        config.to_str().unwrap(),
        "-s",
        "malloc,100m",
        "-p",
        "http_gzip_support=off",
        "-p",
        "thread_pools=1",
        "-p",
        "timeout_idle=600",
    ];
    Server::start(dir, VARNISH, port, "varnishd", &arguments)
}
