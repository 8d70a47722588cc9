//! Residents' Markdown, made safe. The sanitiser comes last, so that nothing the renderer lets through survives.

use std::sync::LazyLock;

use ammonia::Builder;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(
            ["p", "br", "em", "strong", "del", "ul", "ol", "li", "blockquote", "code", "pre", "a", "h3", "h4", "hr"]
                .into(),
        )
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

/// Renders Markdown (CommonMark) to HTML from an allow-list of tags, with links to http, https and mailto only.
pub fn markdown(source: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    CLEANER.clean(&comrak::markdown_to_html(source, &options)).to_string()
}

/// The text of an HTML fragment, for sources that hold HTML where we hold Markdown.
pub fn text_of(html: &str) -> String {
    let spaced = html.replace("</p>", "\n\n</p>").replace("<br", "\n<br").replace("</li>", "\n</li>");
    let bare = Builder::empty().clean(&spaced).to_string();
    bare.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .replace('\u{a0}', " ")
        .replace("&amp;", "&")
}

/// Text as it is stored: NFC, without white space at its ends.
pub fn tidy(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Text as it is searched: without case and accents.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // case D2
    #[test]
    fn no_script_and_no_other_scheme_survives() {
        for hostile in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "[x](java&#115;cript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<img src=x onerror=alert(1)>",
            "![x](https://tracker.example/p.gif)",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<a href=\"https://a.example\" onclick=\"x()\">x</a>",
        ] {
            let html = markdown(hostile);
            for forbidden in ["<script", "javascript:", "data:", "onerror", "onclick", "<img", "<svg"] {
                assert!(!html.contains(forbidden), "{hostile} became {html}");
            }
            // case D3
            assert_eq!(CLEANER.clean(&html).to_string(), html, "a second cleaning changes nothing");
        }
        assert_eq!(markdown("**Trees** on *Mill Lane*"), "<p><strong>Trees</strong> on <em>Mill Lane</em></p>\n");
    }

    #[test]
    fn searching_forgets_case_and_accents() {
        assert_eq!(fold("Jardín CAFÉ"), "jardin cafe");
    }
}
