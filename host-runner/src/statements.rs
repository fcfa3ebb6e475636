//! `list --statements`: what each paper states, and what shows it here.
use crate::table::aligned;
use lab::failure::{Failure, nearest};
use lab::run_folder::pretty;
use lab::{Evidence, Paper, State, Statement, unicode};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// How the ledger is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// One JSON document.
    Json,
    /// As docs/statements.md.
    Markdown,
}

/// The paper of that name, or a sentence with the nearest one.
pub fn find(papers: &[&'static Paper], name: &str) -> Result<&'static Paper, Failure> {
    if let Some(found) = papers.iter().find(|paper| paper.name == name) {
        return Ok(found);
    }
    let names = || papers.iter().map(|paper| paper.name);
    let hint = match nearest(name, names()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::bad_input(format!("there is no paper '{name}' with experiments; {hint}")))
}

/// The text of the command: one paper, or all for an empty name.
pub fn list(papers: &[&'static Paper], name: &str, form: Form) -> Result<String, Failure> {
    let one;
    let wanted = match name {
        "" => papers,
        name => {
            one = [find(papers, name)?];
            &one
        }
    };
    Ok(match form {
        Form::Text => wanted.iter().map(|paper| text(paper)).collect::<Vec<_>>().join("\n"),
        Form::Json => pretty(&document(wanted)),
        Form::Markdown => markdown(wanted),
    })
}

fn counted(counts: [usize; State::WORDS.len()]) -> Map<String, Value> {
    State::WORDS.iter().zip(counts).map(|(word, count)| ((*word).into(), json!(count))).collect()
}

fn document(papers: &[&Paper]) -> Value {
    let total = papers.iter().fold([0; State::WORDS.len()], |sum, paper| {
        let counts = paper.counts();
        std::array::from_fn(|at| sum[at] + counts[at])
    });
    let each = papers.iter().map(|paper| {
        json!({
            "paper": paper.name,
            "title": paper.title,
            "source": paper.source,
            "counts": counted(paper.counts()),
            "statements": paper.statements.iter().map(Statement::describe).collect::<Vec<_>>(),
        })
    });
    json!({ "papers": each.collect::<Vec<_>>(), "counts": counted(total) })
}

/// `12 shown, 3 partly, 4 open, 1 beyond`.
fn tally(paper: &Paper) -> String {
    let words = State::WORDS.iter().zip(paper.counts());
    words.map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn text(paper: &Paper) -> String {
    let mut text = format!("{}: {} ({})\n", paper.name, paper.title, paper.source);
    let rows = paper.statements.iter().flat_map(|row| {
        let first = [row.number.into(), row.state.word().into(), unicode(row.says)];
        let more = details(row).into_iter().map(|line| ["".into(), "".into(), line]);
        std::iter::once(first).chain(more)
    });
    text.push_str(&aligned(&rows.collect::<Vec<_>>()));
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "{}: {} of {}", paper.name, tally(paper), paper.statements.len());
    text
}

/// Hypotheses, evidence and what is missing, a line each.
fn details(row: &Statement) -> Vec<String> {
    let mut lines = Vec::new();
    if !row.under.is_empty() {
        lines.push(format!("under  {}", unicode(row.under)));
    }
    lines.extend(row.shown_by.iter().map(|evidence| format!("by     {}", named(evidence))));
    if let Some(why) = row.state.why() {
        let word = match row.state {
            State::Beyond(_) => "why    ",
            State::Refuted(_) => "fails  ",
            _ => "lacks  ",
        };
        lines.push(format!("{word}{}", unicode(why)));
    }
    lines
}

fn named(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Verdict(id, claim) => format!("{id}: {}", unicode(claim)),
        Evidence::Run(id) => (*id).into(),
        Evidence::Test(test) => (*test).into(),
    }
}

fn markdown(papers: &[&Paper]) -> String {
    let mut page = String::from(
        "# What the papers state, and what shows it\n\nMade by `reluflow list --statements --markdown`; \
         a test holds this page and the program together. *shown*: all of it, by verdicts or tests \
         that can fail; *partly*: what is missing is said; *refuted*: it does not hold as printed, which they \
         show; *open*: nothing yet; *beyond*: nothing that \
         is computed could show it. Verdicts are those of `reluflow repro PAPER`.\n",
    );
    for paper in papers {
        let _ = writeln!(
            page,
            "\n## {}\n{} ({}): {}.\n",
            paper.name,
            paper.title,
            paper.source,
            tally(paper)
        );
        page.push_str("| statement | says | under | state | shown by |\n|---|---|---|---|---|\n");
        for row in paper.statements {
            let state = match row.state.why() {
                Some(why) => format!("**{}**: {why}", row.state.word()),
                None => format!("**{}**", row.state.word()),
            };
            let by = row.shown_by.iter().map(|evidence| match evidence {
                Evidence::Verdict(id, claim) => format!("`{id}`: {claim}"),
                Evidence::Run(id) => format!("`{id}`"),
                Evidence::Test(test) => format!("`{test}`"),
            });
            let by = by.collect::<Vec<_>>().join("; ");
            let cells =
                [row.number, row.says, row.under, &state, &by].map(|text| cell(&unicode(text)));
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    page
}

/// What a table of Markdown would take for its own.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::fake::PAPER;

    #[test]
    fn a_ledger_is_counted_and_says_what_it_lacks() {
        let text = list(&[&PAPER], "", Form::Text).unwrap();
        for part in [
            "Theorem 1  shown   sums are right\n",
            "under  steps of one size\n",
            "by     fake-count: the sum is right\n",
            "lacks  only one size of steps\n",
            "fake: 1 shown, 1 partly, 0 refuted, 0 open, 0 beyond of 2\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let document = document(&[&PAPER, &PAPER]);
        assert_eq!(
            document["counts"],
            json!({ "shown": 2, "partly": 2, "refuted": 0, "open": 0, "beyond": 0 })
        );
        let row = &document["papers"][0]["statements"][1];
        assert_eq!(
            (&row["state"], &row["why"]),
            (&json!("partly"), &json!("only one size of steps"))
        );
        assert_eq!(row["shown_by"], json!([{ "experiment": "fake-count" }]));
        assert!(markdown(&[&PAPER]).contains("| Figure 0 | sums over steps |  | **partly**: only"));
    }

    #[test]
    fn an_unknown_paper_gets_the_nearest_name() {
        let said = list(&[&PAPER], "fkae", Form::Text).unwrap_err().to_string();
        assert!(said.contains("did you mean 'fake'"), "{said}");
        let said = list(&[&PAPER], "zzz", Form::Json).unwrap_err().to_string();
        assert!(said.contains("there are fake"), "{said}");
        assert_eq!(cell("|w|"), "\\|w\\|");
    }

    /// Made anew by `reluflow list --statements --markdown > docs/statements.md`.
    #[test]
    fn the_page_is_the_ledger() {
        let page = include_str!("../../docs/statements.md");
        let now = markdown(&crate::catalogue::PAPERS);
        let differs = page.lines().zip(now.lines()).find(|(old, new)| old != new);
        assert!(page == now, "docs/statements.md is not the ledger; the first line: {differs:?}");
    }
}
