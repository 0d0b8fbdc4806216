//! Which addresses may be called, and what becomes of the links that a backend hands out.
//!
//! A request goes behind the base, or to an origin that both the profile and the deployment name.
//! Everything else is refused or, where it is a link that the backend made for itself not knowing
//! that it stands behind a proxy, put back behind the base. Credentials go behind the base only.

use super::exchange::Request;

/// Where requests of one backend may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Where the API begins: a path of this server or an absolute address, without a slash at its end.
    pub base: String,
    /// Further origins, as `https://files.example`.
    pub origins: Vec<String>,
    /// Whether links to other places are put behind the base.
    pub rebase: bool,
    /// Whether cookies go along; none where the way of signing in decides.
    pub cookies: Option<bool>,
}

/// An absolute address in its parts: origin, and what follows it.
fn absolute(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if scheme.is_empty() || !scheme.chars().all(plain) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(url.split_at(scheme.len() + 3 + end))
}

/// Whether an origin is one that may ever be called: a scheme of the web, a host, no user.
pub fn is_origin(origin: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let fine = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(fine))
}

/// Two origins are the same whatever their case, and with the usual port said or not.
fn same_origin(a: &str, b: &str) -> bool {
    let plain = |origin: &str| {
        let origin = origin.to_ascii_lowercase();
        let usual = match origin.starts_with("https://") {
            true => ":443",
            false => ":80",
        };
        origin
            .strip_suffix(usual)
            .map(String::from)
            .unwrap_or(origin)
    };
    plain(a) == plain(b)
}

/// A path that stays where it is put: no way up, no second slash at its front, nothing that a
/// browser reads as something else.
fn stays(path: &str) -> bool {
    let bare = path.split(['?', '#']).next().unwrap_or("");
    let up = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == ".." || segment == "."
    };
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    !bare.split('/').any(up) && !path.contains(odd) && !path.starts_with("//")
}

impl Reach {
    /// The address that a request to `url` really goes to, and whether that is a foreign origin; or
    /// why it must not go anywhere.
    pub fn resolve(&self, url: &str) -> Result<(String, bool), String> {
        let refused = |why: &str| Err(format!("{}: {why}", shown(url)));
        let Some((origin, path)) = absolute(url) else {
            return match url {
                "" => Ok((String::new(), false)),
                _ if !url.starts_with(['/', '?']) => refused("no address of the web"),
                _ if !stays(url) => refused("leads elsewhere"),
                _ => Ok((url.into(), false)),
            };
        };
        if !is_origin(origin) || !stays(path) {
            return refused("no address of the web");
        }
        let base = absolute(&self.base);
        if base.is_some_and(|(own, _)| same_origin(own, origin)) {
            return match self.behind_base(path) {
                Some(rest) => Ok((rest, false)),
                None => refused("not behind the base"),
            };
        }
        if self.origins.iter().any(|known| same_origin(known, origin)) {
            return Ok((url.into(), true));
        }
        match self.behind_base(path) {
            Some(rest) if self.rebase => Ok((rest, false)),
            _ => refused("an origin that is not allowed"),
        }
    }

    /// A link out of an answer: as [`Reach::resolve`], and a path is one of the backend's own server,
    /// so it may repeat a part of the base.
    pub fn resolve_link(&self, link: &str) -> Result<(String, bool), String> {
        if link.starts_with('/') && stays(link) && self.rebase {
            return Ok((self.behind_base(link).unwrap_or_else(|| link.into()), false));
        }
        self.resolve(link)
    }

    /// The rest of a path behind as much of the base's path as it repeats.
    fn behind_base(&self, path: &str) -> Option<String> {
        let base = absolute(&self.base).map_or(self.base.as_str(), |(_, path)| path);
        let segments: Vec<&str> = base.split('/').filter(|one| !one.is_empty()).collect();
        for skipped in 0..segments.len() {
            let front = format!("/{}", segments[skipped..].join("/"));
            if let Some(rest) = path.strip_prefix(front.as_str())
                && (rest.is_empty() || rest.starts_with(['/', '?']))
                && stays(rest)
            {
                return Some(rest.into());
            }
        }
        Some(path.into()).filter(|_| self.rebase || segments.is_empty())
    }

    /// A request that may go out as it is, or why it may not.
    pub fn check(&self, mut request: Request, is_link: bool) -> Result<Request, String> {
        let resolved = if is_link {
            self.resolve_link(&request.url)
        } else {
            self.resolve(&request.url)
        };
        (request.url, request.foreign) = resolved?;
        request.cookies = self.cookies;
        Ok(request)
    }
}

/// An address as it may be shown: without its query, in which secrets travel.
pub fn shown(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or("");
    let bare = match (bare.split_once("://"), bare.split_once('@')) {
        (Some((scheme, rest)), Some(_)) => {
            let rest = rest.split_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{rest}")
        }
        _ => bare.into(),
    };
    bare.chars().take(120).collect()
}
