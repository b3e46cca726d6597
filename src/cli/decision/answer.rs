//! What people answer to a decision, and the keys that they sign with.

use crate::cli::context::Context;
use crate::cli::flags::AnswerArgs;
use crate::cli::output;
use crate::decision::log::approvals::{Answer, answer};
use crate::decision::log::keys::{Private, generate};
use crate::decision::log::line::{Kind, Person};
use crate::error::{Error, Result};

use super::named_output;

/// Records an approval.
pub(super) fn approve(context: &Context, args: &AnswerArgs) -> Result<u8> {
    record(context, args, Kind::Approval)
}

/// Records a rejection.
pub(super) fn reject(context: &Context, args: &AnswerArgs) -> Result<u8> {
    record(context, args, Kind::Rejection)
}

fn record(context: &Context, args: &AnswerArgs, kind: Kind) -> Result<u8> {
    let by = Person::parse(&args.by)?;
    if args.comment.trim().is_empty() {
        return Err(Error::usage("`--comment` says nothing").fix("say why"));
    }
    let key = args.key.as_deref().map(Private::read).transpose()?;
    let given = Answer {
        kind,
        by: &by,
        comment: &args.comment,
        key: key.as_ref(),
        tool: concat!("ssrfund ", env!("CARGO_PKG_VERSION")),
    };
    if context.flags.dry_run {
        return Err(Error::usage("an answer cannot be tried")
            .fix("leave out `--dry-run`; `decision show` says how the decision stands"));
    }
    let (record, was_there) =
        answer(&context.workspace()?, &args.id, &given, context.now)?;
    let already = if was_there { "already " } else { "" };
    let text = format!(
        "{already}recorded as {}: {} of {}\n",
        record.id,
        kind.word(),
        record.text("decision_id")
    );
    output::deliver(context, text.as_bytes(), false)?;
    Ok(0)
}

/// Makes a pair of keys.
pub(super) fn keygen(context: &Context, by: Option<&str>) -> Result<u8> {
    let path = named_output(context)?;
    let owner = by.map(Person::parse).transpose()?;
    let (beside, public) = generate(path, owner.as_ref())?;
    let name = owner.map_or_else(|| "NAME".to_owned(), |owner| owner.name);
    output::print(&format!(
        "private key `{}`: keep it to yourself\npublic key `{}`; for everyone, in \
         `ssrfund.toml`:\n[keys]\n\"{name}\" = \"{public}\"\n",
        path.display(),
        beside.display()
    ))?;
    Ok(0)
}
