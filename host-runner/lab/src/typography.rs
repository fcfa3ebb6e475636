//! Mathematics as it is printed: `theta`, `|w_j|^2 <= 1e3`, written in the letters of a keyboard, becomes θ, |wⱼ|² ≤ 1e3.
//!
//! Names, claims and notes are written in ASCII, so that JSON, CSV and the code can be searched; pictures and the terminal
//! show them through [`unicode`]. Quotes of code, in backticks, and settings, `lambda=1e-3`, stay as they are typed.

const LETTERS: [(&str, &str); 31] = [
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("eps", "ε"),
    ("epsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("phi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Delta", "Δ"),
    ("Gamma", "Γ"),
    ("Theta", "Θ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Sigma", "Σ"),
    ("Omega", "Ω"),
    ("grad", "∇"),
    ("sqrt", "√"),
];

const SIGNS: [(&str, &str); 5] = [("<=", "≤"), (">=", "≥"), ("->", "→"), ("+-", "±"), ("!=", "≠")];

/// The text as a paper would print it.
pub fn unicode(text: &str) -> String {
    // Every other part is inside backticks.
    let parts = text.split('`').enumerate();
    let shown = parts.map(|(at, part)| if at % 2 == 0 { typeset(part) } else { part.into() });
    shown.collect::<Vec<_>>().join("`")
}

fn typeset(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        let before = out.chars().next_back();
        let (shown, used) = if c.is_ascii_alphabetic() {
            word(rest, before)
        } else {
            sign(rest, before).unwrap_or_else(|| (c.to_string(), c.len_utf8()))
        };
        out.push_str(&shown);
        rest = &rest[used..];
    }
    out
}

/// A word, whole, and how long it is here.
fn word(rest: &str, before: Option<char>) -> (String, usize) {
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(length);
    let joined = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let setting = after.starts_with('=') && !after.starts_with("==");
    let letter = LETTERS.iter().find(|(name, _)| *name == word);
    match letter {
        Some((name, letter)) if !joined && !setting => {
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let more = after[digits..].starts_with(|c: char| c.is_alphabetic());
            // √n, ∇L: nothing between.
            let prefix = matches!(*name, "grad" | "sqrt");
            if prefix && after.starts_with(' ') {
                return ((*letter).into(), length + 1);
            }
            match small(&after[..digits], subscript) {
                Some(index) if digits > 0 && !more => (format!("{letter}{index}"), length + digits),
                _ => ((*letter).into(), length),
            }
        }
        _ => (word.into(), length),
    }
}

/// What starts with another character, and how long it is here.
fn sign(rest: &str, before: Option<char>) -> Option<(String, usize)> {
    if let Some((typed, printed)) = SIGNS.iter().find(|(typed, _)| rest.starts_with(typed)) {
        return Some(((*printed).into(), typed.len()));
    }
    let (first, after) = rest.split_at_checked(1)?;
    let follows = before.is_some_and(|c| c.is_alphanumeric() || ")|*]'".contains(c));
    match first {
        "^" if follows => script(after, superscript, "nTi"),
        "_" if follows => script(after, subscript, "ijkn"),
        "<" => {
            // <w_j|x_i> and <a, b>, but not a < b.
            let inner = after.split_once('>')?.0;
            let product = inner.contains(['|', ',']) && !inner.starts_with([' ', '=', '-']);
            product.then(|| (format!("⟨{}⟩", typeset(inner)), inner.len() + 2))
        }
        _ => None,
    }
}

/// What stands after `^` or `_`: a group in braces, a number or one letter of `single`, if all of it exists in small.
fn script(after: &str, of: fn(char) -> Option<char>, single: &str) -> Option<(String, usize)> {
    if let Some(group) = after.strip_prefix('{') {
        let inner = group.split_once('}')?.0;
        return Some((small(inner, of)?, inner.len() + 3));
    }
    let sign = usize::from(after.starts_with(['-', '+']));
    let digits = after[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len() - sign);
    let length = match after.chars().next()? {
        c if single.contains(c) => 1,
        _ if digits > 0 => sign + digits,
        '+' | '-' => 1,
        _ => return None,
    };
    let mut end = after[length..].chars();
    let (next, then) = (end.next(), end.next());
    let longer = next.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '/')
        || next == Some('.') && then.is_some_and(|c| c.is_ascii_digit());
    if longer {
        return None;
    }
    Some((small(&after[..length], of)?, 1 + length))
}

fn small(text: &str, of: fn(char) -> Option<char>) -> Option<String> {
    text.chars().map(of).collect()
}

fn superscript(c: char) -> Option<char> {
    Some(match c {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' => '⁰',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32))?,
        '+' => '⁺',
        '-' => '⁻',
        'n' => 'ⁿ',
        'i' => 'ⁱ',
        'T' => 'ᵀ',
        _ => return None,
    })
}

fn subscript(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => char::from_u32('₀' as u32 + (c as u32 - '0' as u32))?,
        '+' => '₊',
        '-' => '₋',
        'i' => 'ᵢ',
        'j' => 'ⱼ',
        'k' => 'ₖ',
        'n' => 'ₙ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::unicode;

    #[test]
    fn mathematics_is_printed() {
        for (typed, printed) in [
            ("theta", "θ"),
            ("|theta|^2 at lambda = 1e-6", "|θ|² at λ = 1e-6"),
            ("<w_j|x_i> >= 0", "⟨wⱼ|xᵢ⟩ ≥ 0"),
            ("D_+ and |D_-|", "D₊ and |D₋|"),
            ("kappa1, rho0, lambda_min, C_x^+", "κ₁, ρ₀, λ_min, C_x⁺"),
            ("mu -> 0 +- 3, a != b", "μ → 0 ± 3, a ≠ b"),
            ("sqrt n mu, sqrt(n), |grad L|", "√n μ, √(n), |∇L|"),
            ("X^T X, x^{-2}, x^10, 2^n, a_12", "Xᵀ X, x⁻², x¹⁰, 2ⁿ, a₁₂"),
            ("(1 - z)^2/2", "(1 - z)^2/2"),
            ("(1 - z)^2 / 2", "(1 - z)² / 2"),
        ] {
            assert_eq!(unicode(typed), printed);
        }
    }

    #[test]
    fn what_is_typed_stays_as_it_is_typed() {
        for text in [
            "--set lambda=1e-3",
            "`reluflow run weak-phase --set mu=60` and `theta_norm_sq`",
            "x^2.5, lambda^{1/4}, w_max, a < b, b > c | d",
            "mean, epsilons, museum",
            "sweep-mu",
        ] {
            let kept = unicode(text);
            let greek = text.replace("lambda^", "λ^");
            assert!(kept == text || kept == greek, "{text} became {kept}");
        }
        assert_eq!(unicode("a ` mu"), "a ` mu");
        assert_eq!(unicode(""), "");
    }
}
