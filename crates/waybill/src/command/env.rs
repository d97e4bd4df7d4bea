//! `waybill env`: what other programs need to use a registry on this machine.

mod wanted;

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};
use waybill_client::{Client, Endpoint, Tls};
use waybill_model::{
    names::PrincipalName,
    role::{Role, Scope},
};

use self::wanted::Wanted;
use super::role::{role_parser, roles_on};
use crate::{
    connection::{Connection, Source},
    context::{Context, project_id},
    data_folder::DataFolder,
    environment::Environment,
    error::CliError,
    printer::{Format, Printer},
};

/// Reads the data folder of a registry that `waybill serve` has started, and prints the variables that
/// packer, terraform, the HCP SDK and waybill itself read. The secret among them is the owner's, who may do
/// everything. Where no registry has been started yet, it waits ten seconds for one that is just starting.
///
/// With --principal, the secret is that of a new key of a service principal instead, which may do what its
/// roles say. That works elsewhere too, for whoever may make keys there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eval \"$(waybill env)\"
  waybill env --format dotenv > .env
  waybill env --principal image-ci --role contributor > ci.env
  waybill env --format github        in a workflow step: sets variables for the steps after it")]
pub(crate) struct EnvArgs {
    /// Data folder of the registry (default: `WAYBILL_DATA`, else `waybill-data`)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print in this form (default: shell; with --json: json)
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// Do not check the server's certificate, instead of trusting its authority
    #[arg(long)]
    insecure: bool,
    /// Print a new key of this service principal instead of the owner's
    #[arg(long, value_name = "NAME")]
    principal: Option<PrincipalName>,
    /// Take the principal of this project, given by name or id, and use the project
    #[arg(long, value_name = "PROJECT", requires = "principal")]
    project: Option<String>,
    /// Make the principal with this role if there is none: on the project, without one on the organization. One that
    /// is there must have the role
    #[arg(long, requires = "principal", value_parser = role_parser(roles_on(Scope::Project)))]
    role: Option<Role>,
    /// If the principal has two keys already, delete the older one first; whoever uses it is refused at once
    #[arg(long, requires = "principal")]
    replace_oldest: bool,
}

/// Who will read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A POSIX shell: export NAME='value'
    #[default]
    Shell,
    /// A .env file: NAME=value, in double quotes where needed
    Dotenv,
    /// One JSON object
    Json,
    /// GitHub Actions: appends to the file that `GITHUB_ENV` names, and masks the secret in the log
    Github,
}

/// Names and values, in the order in which they are printed.
type Variables = Vec<(&'static str, String)>;

const SECRET: &str = "HCP_CLIENT_SECRET";

/// How long a registry may take to start.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long nobody wonders why nothing happens.
const SILENCE: Duration = Duration::from_secs(1);

pub(super) async fn run(args: &EnvArgs, context: &Context) -> Result<(), CliError> {
    let form = match (args.format, context.printer.format) {
        (Some(Form::Json) | None, Format::Json) => Form::Json,
        (Some(_), Format::Json) => {
            return Err(CliError::usage("JSON and another --format cannot both be printed"));
        }
        (form, Format::Text) => form.unwrap_or_default(),
    };
    let variables = match collect(args, context).await {
        Ok(variables) => variables,
        Err(error) => {
            if form == Form::Shell && !io::stdout().is_terminal() {
                context.printer.raw(failure(args.principal.is_some()))?;
            }
            return Err(error);
        }
    };
    match form {
        Form::Shell => context.printer.raw(&shell(&variables))?,
        Form::Dotenv => context.printer.raw(&dotenv(&variables))?,
        Form::Json => context.printer.raw(&json(&variables))?,
        Form::Github => github(&variables, &context.environment, &context.folder, &context.printer)?,
    }
    if !args.insecure && cfg!(any(target_os = "macos", target_os = "windows")) {
        for hint in trust_hints() {
            context.printer.hint(hint);
        }
    }
    Ok(())
}

/// What a shell runs instead of the variables, so that `eval "$(waybill env)"` fails as well. Whoever wanted to be a
/// principal does not go on as whom they were before, who is perhaps the owner.
fn failure(of_principal: bool) -> &'static str {
    if of_principal { "unset HCP_CLIENT_ID HCP_CLIENT_SECRET; false\n" } else { "false\n" }
}

async fn collect(args: &EnvArgs, context: &Context) -> Result<Variables, CliError> {
    let path = match &args.data {
        Some(path) => context.folder.join(path),
        None => DataFolder::path(&context.environment, &context.folder),
    };
    match &args.principal {
        None => {
            let data = started(path, &context.printer).await.map_err(|error| {
                error.hint(
                    "for a registry elsewhere, log in and name a principal: `waybill env --principal NAME`",
                )
            })?;
            variables(&data, args.insecure)
        }
        Some(name) => of_principal(name, args, path, context).await,
    }
}

/// The folder of a registry that has been started, or is just being started for the first time.
async fn started(path: PathBuf, printer: &Printer) -> Result<DataFolder, CliError> {
    let begun = Instant::now();
    let mut silent = true;
    while begun.elapsed() < START_LIMIT {
        if let Some(data) = DataFolder::find(path.clone())? {
            return Ok(data);
        }
        if silent && SILENCE <= begun.elapsed() {
            printer.note(&format!("waiting for a registry to start in `{}`", path.display()));
            silent = false;
        }
        sleep(Duration::from_millis(50)).await;
    }
    DataFolder::open(path)
}

fn variables(data: &DataFolder, insecure: bool) -> Result<Variables, CliError> {
    let owner = data.owner()?;
    let url = data.server()?.public();
    let host = url.host_str().unwrap_or("localhost");
    let port = url.port_or_known_default().unwrap_or(443);
    let mut variables = vec![
        ("HCP_CLIENT_ID", owner.client_id),
        (SECRET, owner.client_secret.expose().to_owned()),
        ("HCP_ORGANIZATION_ID", owner.organization_id),
        ("HCP_PROJECT_ID", owner.project_id),
        ("HCP_AUTH_URL", format!("https://{host}:{port}")),
        ("HCP_API_ADDRESS", format!("{host}:{port}")),
    ];
    if insecure {
        variables.push(("HCP_AUTH_TLS", "insecure".to_owned()));
        variables.push(("HCP_API_TLS", "insecure".to_owned()));
    } else if let Some(bundle) = data.bundle() {
        variables.push(("SSL_CERT_FILE", text(&bundle)?));
    }
    // The Terraform provider would otherwise ask HashiCorp's status page, and wait for it.
    variables.push(("HCP_SKIP_STATUS_CHECK", "true".to_owned()));
    Ok(variables)
}

/// The variables with a new key of a service principal, which is made if that is wanted.
async fn of_principal(
    name: &PrincipalName,
    args: &EnvArgs,
    path: PathBuf,
    context: &Context,
) -> Result<Variables, CliError> {
    let connection = match context.connection() {
        Ok(connection) if args.data.is_none() => connection,
        _ => {
            let data = started(path.clone(), &context.printer).await?;
            Connection::of_data(&context.environment, &context.folder, &data, path)?
        }
    };
    let mut variables = match &connection.source {
        Source::DataFolder(path) => variables(&DataFolder::open(path.clone())?, args.insecure)?,
        _ => of_connection(&connection, context, args.insecure)?,
    };
    let client = Client::new(&connection.config())?;
    let organization = client.locate_organization(connection.organization_id.as_deref()).await?;
    let project = match &args.project {
        Some(project) => Some(project_id(&client, &organization, project).await?),
        None => None,
    };
    let wanted =
        Wanted { name, project: project.as_deref(), role: args.role, replace_oldest: args.replace_oldest };
    let key = wanted.key(&client, &organization, &context.printer).await?;
    let project = match project.or(key.project_id) {
        Some(project) => project,
        None => client.locate(Some(&organization), connection.project_id.as_deref()).await?.project_id,
    };
    let values = [
        ("HCP_CLIENT_ID", key.client_id),
        (SECRET, key.client_secret),
        ("HCP_ORGANIZATION_ID", organization),
        ("HCP_PROJECT_ID", project),
    ];
    variables.retain(|(name, _)| values.iter().all(|(other, _)| other != name));
    Ok(values.into_iter().chain(variables).collect())
}

/// The variables for a registry elsewhere, but for credentials and places.
fn of_connection(connection: &Connection, context: &Context, insecure: bool) -> Result<Variables, CliError> {
    let (api, auth) = (&connection.api, &connection.auth);
    let host = api.url.host_str().unwrap_or("localhost");
    let port = api.url.port_or_known_default().unwrap_or(443);
    let mut variables =
        vec![("HCP_AUTH_URL", auth.to_string()), ("HCP_API_ADDRESS", format!("{host}:{port}"))];
    let is_insecure = |endpoint: &Endpoint| insecure || endpoint.tls == Tls::Insecure;
    if is_insecure(auth) {
        variables.push(("HCP_AUTH_TLS", "insecure".to_owned()));
    }
    if api.url.scheme() == "http" {
        variables.push(("HCP_API_TLS", "disabled".to_owned()));
    } else if is_insecure(api) {
        variables.push(("HCP_API_TLS", "insecure".to_owned()));
    }
    if !insecure && let Some(bundle) = connection.bundle(&context.environment, &context.folder)? {
        variables.push(("SSL_CERT_FILE", text(&bundle)?));
    }
    variables.push(("HCP_SKIP_STATUS_CHECK", "true".to_owned()));
    Ok(variables)
}

fn text(path: &Path) -> Result<String, CliError> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        CliError::usage(format!("the path `{}` cannot be the value of a variable", path.display()))
    })
}

/// Within single quotes a shell takes everything as it is, except single quotes.
pub(super) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn shell(variables: &Variables) -> String {
    variables.iter().fold(String::new(), |mut text, (name, value)| {
        writeln!(text, "export {name}={}", quoted(value)).expect("strings take every write");
        text
    })
}

/// Plain values are not quoted, since some readers (`docker --env-file`) take quotes as part of the value.
/// Within double quotes the others replace `\\`, `\"`, `\n` and `$`.
fn dotenv(variables: &Variables) -> String {
    variables.iter().fold(String::new(), |mut text, (name, value)| {
        let written = if value.chars().all(is_plain) {
            writeln!(text, "{name}={value}")
        } else {
            writeln!(text, "{name}=\"{}\"", value.chars().map(dotenv_escape).collect::<String>())
        };
        written.expect("strings take every write");
        text
    })
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-./:@%+,".contains(c)
}

fn dotenv_escape(c: char) -> String {
    match c {
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '\\' | '"' | '$' | '`' => format!("\\{c}"),
        _ => c.to_string(),
    }
}

fn json(variables: &Variables) -> String {
    let object: Map<String, Value> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    format!("{:#}\n", Value::Object(object))
}

/// Appends to the file that the steps after this one get their variables from. What goes to stdout is a
/// command to the runner, which from then on shows `***` in place of the secret. Outside of GitHub Actions
/// there is no such file, and everything goes to stdout.
fn github(
    variables: &Variables,
    environment: &Environment,
    folder: &Path,
    printer: &Printer,
) -> Result<(), CliError> {
    let secret = variables.iter().find(|(name, _)| *name == SECRET).map(|(_, value)| value.as_str());
    printer.raw(&format!("::add-mask::{}\n", workflow_data(secret.unwrap_or_default())))?;
    let lines = github_lines(variables);
    let Some(name) = environment.given("GITHUB_ENV") else {
        return printer.raw(&lines);
    };
    let failed = |error: io::Error| CliError::user(error.to_string());
    let mut file =
        fs_err::OpenOptions::new().create(true).append(true).open(folder.join(name)).map_err(failed)?;
    file.write_all(lines.as_bytes()).map_err(failed)
}

/// `NAME=value` lines; a value with line breaks is fenced by a word that it does not contain.
fn github_lines(variables: &Variables) -> String {
    variables.iter().fold(String::new(), |mut text, (name, value)| {
        let written = if value.contains(['\n', '\r']) {
            let mut fence = "WAYBILL".to_owned();
            while value.contains(&fence) {
                fence.push('_');
            }
            writeln!(text, "{name}<<{fence}\n{value}\n{fence}")
        } else {
            writeln!(text, "{name}={value}")
        };
        written.expect("strings take every write");
        text
    })
}

/// The data of a workflow command is one line.
fn workflow_data(value: &str) -> String {
    value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn trust_hints() -> [&'static str; 2] {
    let trust = if cfg!(target_os = "macos") {
        "Go programs ignore SSL_CERT_FILE here: trust the authority with \
         `sudo security add-trusted-cert -d -k \
         /Library/Keychains/System.keychain DATA/tls/ca.pem`"
    } else {
        "Go programs ignore SSL_CERT_FILE here: trust the authority with \
         `certutil -addstore Root DATA\\tls\\ca.pem` \
         as administrator"
    };
    [trust, "or use `waybill env --insecure`"]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nasty() -> Variables {
        vec![
            ("PLAIN", "a:1".into()),
            ("NASTY", "it's \"$HOME\" `x` \\ =#\nsecond".into()),
            ("EMPTY", String::new()),
        ]
    }

    #[test]
    fn a_shell_fails_with_the_command() {
        for (of_principal, left) in [(true, ""), (false, "owner")] {
            let script = format!(
                "HCP_CLIENT_ID=owner; eval \"{}\" || printf %s \"$HCP_CLIENT_ID\"",
                failure(of_principal)
            );
            let output =
                std::process::Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
            assert!(output.status.success(), "the right side of || ran");
            assert_eq!(String::from_utf8_lossy(&output.stdout), left);
        }
    }

    #[test]
    fn shell_quoting() {
        assert_eq!(
            shell(&nasty()),
            "export PLAIN='a:1'\nexport NASTY='it'\\''s \"$HOME\" `x` \\ =#\nsecond'\nexport EMPTY=''\n"
        );
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        let script = format!("{}printf %s \"$NASTY\"", shell(&nasty()));
        let output =
            std::process::Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), nasty()[1].1);
    }

    #[test]
    fn dotenv_quoting() {
        assert_eq!(
            dotenv(&nasty()),
            "PLAIN=a:1\nNASTY=\"it's \\\"\\$HOME\\\" \\`x\\` \\\\ =#\\nsecond\"\nEMPTY=\n"
        );
    }

    #[test]
    fn json_is_one_object() {
        let read: Map<String, Value> = serde_json::from_str(&json(&nasty())).expect("JSON");
        assert_eq!(read["NASTY"], nasty()[1].1.as_str());
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn github_fences_line_breaks() {
        let fenced = vec![("A", "1=2".to_owned()), ("B", "x\nWAYBILL\ny".to_owned())];
        assert_eq!(github_lines(&fenced), "A=1=2\nB<<WAYBILL_\nx\nWAYBILL\ny\nWAYBILL_\n");
        assert_eq!(workflow_data("50%\nrest"), "50%25%0Arest");
    }
}
