//! `waybill console`: expressions that are tried out, line by line.

use std::{
    io::{BufRead as _, IsTerminal as _},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use waybill_template::{
    config::DataSources,
    diagnostic::Diagnostics,
    legacy::{console::Console as LegacyConsole, variables::Values},
    source::Sources,
};

use super::{
    Exit,
    input::{self, Language, Loaded, VariableArgs},
    ui::Ui,
};
use crate::{context::Context, error::CliError, world::ProgramWorld};

mod terminal;

/// From a pipe every line is evaluated and the last one's value is printed; exit code 1 if a line is wrong. On a
/// terminal there is a prompt with history and completion.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  waybill console .
  echo 'upper(var.name)' | waybill console image.pkr.hcl
  echo 'cidrsubnet(\"10.0.0.0/8\", 8, 2)' | waybill console -config-type=hcl2")]
pub(crate) struct ConsoleArgs {
    /// The template whose variables and locals can be used: a folder or a file
    template: Option<String>,
    /// Without a template, the language of the expressions
    #[arg(long, value_enum, value_name = "TYPE", ignore_case = true, default_value_t)]
    config_type: ConfigType,
    /// Evaluate all data sources first, then locals, as Packer did before 1.12
    #[arg(long)]
    use_sequential_evaluation: bool,
    /// Print lines for programs
    #[arg(long)]
    machine_readable: bool,
    #[command(flatten)]
    variables: VariableArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ConfigType {
    /// Interpolations such as `{{timestamp}}`
    #[default]
    Json,
    /// Expressions of HCL2
    Hcl2,
}

/// Something that evaluates lines.
pub(super) trait Session {
    /// The text of a line's value, or what is wrong with it.
    fn evaluate(&mut self, line: &str) -> Result<String, String>;
    /// What the word at the cursor may become, and where it starts.
    fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>);
    /// All variables with their values.
    fn variables(&self) -> String;
    fn help(&self) -> &'static str;
}

pub(super) fn run(args: &ConsoleArgs, context: &Context) -> Result<Exit, CliError> {
    let mut ui = Ui::new(context, args.machine_readable);
    let world = input::world(context)?;
    let is_hcl2 = match args.template.as_deref() {
        Some(path) => matches!(input::language(path, &*world), Language::Hcl2),
        None => args.config_type == ConfigType::Hcl2,
    };
    if is_hcl2 {
        let Loaded { mut template, sources, faults } =
            input::load(args.template.as_deref(), &args.variables, false, &world);
        ui.hide(&template.secrets());
        if faults.has_errors() {
            return ui.diagnostics(&faults, &sources);
        }
        let catalog = world.catalog();
        let mut ignored = Diagnostics::default();
        template.evaluate(catalog, DataSources::Read, args.use_sequential_evaluation, &sources, &mut ignored);
        ui.hide(&template.secrets());
        let mut session = Hcl2 { template, sources, ui: &ui };
        talk(&mut session, &ui, context)
    } else {
        legacy(args, &world, &mut ui, context)
    }
}

fn legacy(
    args: &ConsoleArgs,
    world: &Arc<ProgramWorld>,
    ui: &mut Ui,
    context: &Context,
) -> Result<Exit, CliError> {
    let loaded = match input::load_legacy(args.template.as_deref(), &args.variables, world) {
        Ok(loaded) => loaded,
        Err(error) => return error.tell(ui),
    };
    let core_version = waybill_template::core_version().to_string();
    let nothing = Values::new();
    let place = loaded.place(world, &core_version, &nothing);
    // What is not set is empty here; `validate` tells it.
    let console = LegacyConsole::new(&loaded.template, &loaded.given, place, &mut Diagnostics::default());
    ui.hide(&loaded.template.sensitive_texts(console.values()));
    talk(&mut Legacy { console }, ui, context)
}

fn talk(session: &mut dyn Session, ui: &Ui, context: &Context) -> Result<Exit, CliError> {
    if std::io::stdin().is_terminal() { terminal::talk(session, ui, context) } else { pipe(session, ui) }
}

/// What is evaluated and what is not.
enum Answer {
    Text(String),
    Error(String),
    Leave,
}

fn answer(session: &mut dyn Session, line: &str) -> Answer {
    match line {
        "" => Answer::Text(String::new()),
        "help" => Answer::Text(session.help().to_owned()),
        "variables" => Answer::Text(session.variables()),
        "exit" => Answer::Leave,
        line => session.evaluate(line).map_or_else(Answer::Error, Answer::Text),
    }
}

/// Each line is evaluated, each error is told, the last value is printed. `exit` does not end a pipe.
fn pipe(session: &mut dyn Session, ui: &Ui) -> Result<Exit, CliError> {
    let mut failed = false;
    let mut last = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match answer(session, line.trim()) {
            Answer::Text(text) => last = text,
            Answer::Error(error) => {
                failed = true;
                ui.error(&error)?;
            }
            Answer::Leave => last.clear(),
        }
    }
    if failed {
        return Ok(1);
    }
    ui.message(&last)?;
    Ok(0)
}

struct Hcl2<'a> {
    template: waybill_template::config::Template,
    sources: Sources,
    ui: &'a Ui,
}

impl Session for Hcl2<'_> {
    fn evaluate(&mut self, line: &str) -> Result<String, String> {
        self.template
            .try_out(line, &mut self.sources)
            .map_err(|faults| self.ui.rendered(&faults, &self.sources))
    }

    fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        self.template.complete(line, cursor)
    }

    fn variables(&self) -> String {
        self.template.inspect_values()
    }

    fn help(&self) -> &'static str {
        "Type an expression and press Enter to see its value: upper(var.name)\n\nWhat the template declares can be used: \
         var.NAME, local.NAME, data.TYPE.NAME.OUTPUT,\npath.root, path.cwd, packer.version, and all functions. The Tab key \
         completes names.\n\n  variables   all variables and locals with their values\n  help        this text\n  exit        \
         leave; Ctrl-D does, too"
    }
}

struct Legacy<'a> {
    console: LegacyConsole<'a>,
}

impl Session for Legacy<'_> {
    fn evaluate(&mut self, line: &str) -> Result<String, String> {
        self.console.answer(line).map_err(|fault| format!("Error: {}", fault.message))
    }

    fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        (cursor.min(line.len()), Vec::new())
    }

    fn variables(&self) -> String {
        self.console.answer("variables").unwrap_or_default()
    }

    fn help(&self) -> &'static str {
        "Type an interpolation and press Enter to see its text: {{ user `name` | upper }}\n\n  variables   all variables with \
         their values\n  help        this text\n  exit        leave; Ctrl-D does, too"
    }
}
