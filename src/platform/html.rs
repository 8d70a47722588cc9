//! Residents' Markdown, made safe. The sanitiser comes last, so that nothing the renderer lets through survives.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use ammonia::Builder;
use comrak::arena_tree::NodeEdge;
use comrak::nodes::NodeValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
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
        // A link that leads nowhere any more would lead to the page that it stands on.
        .attribute_filter(|_, name, value| (name != "href" || !value.is_empty()).then(|| value.into()))
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

/// Bytes of text and HTML that are kept ready.
const KEPT: u64 = 32 * 1024 * 1024;

/// By the text itself, so that no two texts can be taken for one.
static RENDERED: LazyLock<Cache<String, Arc<str>, Bytes>> = LazyLock::new(|| Cache::with_weighter(50_000, KEPT, Bytes));

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<str>> for Bytes {
    fn weight(&self, source: &String, html: &Arc<str>) -> u64 {
        u64::try_from(source.len().saturating_add(html.len())).unwrap_or(u64::MAX).saturating_add(96)
    }
}

/// Renders Markdown (CommonMark) to HTML from an allow-list of tags, with links to http, https and mailto only.
///
/// What was rendered lately is at hand; who needs it inside a write calls [`prepare`] before, so that no writer waits.
pub fn markdown(source: &str) -> String {
    let html = RENDERED.get_or_insert_with(source, || Ok::<_, Infallible>(rendered(source).into()));
    html.map_or_else(|never| match never {}, |html| html.to_string())
}

/// Renders ahead of a write, so that [`markdown`] has it at hand inside.
pub fn prepare(source: &str) {
    drop(markdown(source));
}

/// Levels of lists, quotations and emphasis at most. Sanitising takes time that grows with the depth, so that a few
/// thousand quotation marks would hold up everybody; nobody writes so.
const DEEPEST: usize = 24;

fn rendered(source: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    let arena = comrak::Arena::new();
    let root = comrak::parse_document(&arena, source, &options);
    let mut depth = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => {
                // The headings of the page come first.
                if let NodeValue::Heading(heading) = &mut node.data_mut().value {
                    heading.level = if heading.level < 3 { 3 } else { 4 };
                }
                depth = depth.saturating_add(1);
            }
            NodeEdge::End(_) => depth = depth.saturating_sub(1),
        }
        if depth > DEEPEST {
            return format!("<p>{}</p>", ammonia::clean_text(source));
        }
    }
    let mut html = String::new();
    let _writing_to_a_string_does_not_fail = comrak::format_html(root, &options, &mut html);
    CLEANER.clean(&html).to_string()
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

    #[test]
    fn what_is_nested_beyond_reason_is_shown_as_it_was_written() {
        for hostile in [
            ">".repeat(9_999) + "a",
            "> ".repeat(4_999) + "a",
            "- ".repeat(4_999) + "a",
            "*a **b ".repeat(1_400),
            "[".repeat(9_999),
            "![[](".repeat(2_000),
            "`".repeat(9_999),
            ("> ".repeat(40) + "a\n").repeat(120),
        ] {
            let html = markdown(&hostile);
            assert!(html.len() < 12 * hostile.len(), "{} of {}", html.len(), hostile.len());
            assert!(!html.contains(&"<blockquote>\n".repeat(DEEPEST)));
        }
        assert!(markdown("> > quoted twice").matches("<blockquote>").count() == 2);
    }

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
        assert_eq!(markdown("[x](javascript:alert(1))"), "<p><a rel=\"nofollow noopener noreferrer ugc\">x</a></p>\n");
        assert_eq!(markdown("# Trees\n### Where"), "<h3>Trees</h3>\n<h4>Where</h4>\n");
        assert_eq!(markdown("**Trees** on *Mill Lane*"), "<p><strong>Trees</strong> on <em>Mill Lane</em></p>\n");
    }

    #[test]
    fn searching_forgets_case_and_accents() {
        assert_eq!(fold("Jardín CAFÉ"), "jardin cafe");
    }
}
