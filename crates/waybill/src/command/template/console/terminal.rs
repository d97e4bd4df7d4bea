//! The console on a terminal: a prompt with history and completion.

use std::{cell::RefCell, path::PathBuf};

use rustyline::{
    Config, Context as LineContext, Editor, Helper, completion::Completer, error::ReadlineError,
    highlight::Highlighter, hint::Hinter, history::FileHistory, validate::Validator,
};

use super::{Answer, Session, answer};
use crate::{
    command::template::{Exit, ui::Ui},
    context::Context,
    error::CliError,
    profiles,
};

const PROMPT: &str = "> ";
/// So many lines are remembered.
const HISTORY: usize = 1000;
/// In the folder of settings.
const HISTORY_FILE: &str = "console_history";

pub(super) fn talk(session: &mut dyn Session, ui: &Ui, context: &Context) -> Result<Exit, CliError> {
    let cannot = |error: ReadlineError| CliError::user(format!("the terminal cannot be used: {error}"));
    let session = RefCell::new(session);
    let config = Config::builder().max_history_size(HISTORY).map_err(cannot)?.auto_add_history(true).build();
    let mut editor: Editor<Names<'_, '_>, FileHistory> = Editor::with_config(config).map_err(cannot)?;
    editor.set_helper(Some(Names { session: &session }));
    let history = history_file(context);
    if let Some(path) = &history {
        // There is none the first time.
        let _ = editor.load_history(path);
    }
    loop {
        match editor.readline(PROMPT) {
            Ok(line) => match answer(*session.borrow_mut(), line.trim()) {
                Answer::Text(text) => ui.say(&text)?,
                Answer::Error(error) => ui.error(&error)?,
                Answer::Leave => break,
            },
            Err(ReadlineError::Interrupted | ReadlineError::Eof) => break,
            Err(error) => return Err(cannot(error)),
        }
    }
    if let Some(path) = &history {
        // A history that cannot be kept is no reason to fail.
        let _ = path.parent().map(fs_err::create_dir_all);
        let _ = editor.save_history(path);
    }
    Ok(0)
}

fn history_file(context: &Context) -> Option<PathBuf> {
    profiles::folder(&context.environment).map(|folder| folder.join(HISTORY_FILE))
}

/// Completes names of the session.
struct Names<'a, 'b> {
    session: &'a RefCell<&'b mut dyn Session>,
}

impl Helper for Names<'_, '_> {}
impl Highlighter for Names<'_, '_> {}
impl Validator for Names<'_, '_> {}

impl Hinter for Names<'_, '_> {
    type Hint = String;
}

impl Completer for Names<'_, '_> {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &LineContext<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.session.borrow().complete(line, cursor))
    }
}
