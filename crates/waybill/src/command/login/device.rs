//! Logging in without a browser: a code is shown here and entered in a browser elsewhere.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use waybill_client::{DeviceProgress, Login, SessionTokens};

use crate::{error::CliError, printer::Printer};

/// Between two questions, if the registry does not say (RFC 8628).
const PAUSE: Duration = Duration::from_secs(5);

pub(super) async fn log_in(login: &Login, printer: &Printer) -> Result<SessionTokens, CliError> {
    let begun = login.begin_on_device().await?;
    let seconds = |n: i32| Duration::from_secs(n.unsigned_abs().into());
    let end = Instant::now() + seconds(begun.expires_in);
    let mut pause = begun.interval.map_or(PAUSE, seconds);
    printer.ask(&format!("Open {} and enter the code {}", begun.verification_uri, begun.user_code));
    if let Some(complete) = &begun.verification_uri_complete {
        printer.hint(&format!("{complete} has the code in it"));
    }
    while Instant::now() < end {
        sleep(pause).await;
        match login.poll_device(begun.device_code.expose()).await? {
            DeviceProgress::Done(tokens) => return Ok(tokens),
            DeviceProgress::Pending => {}
            DeviceProgress::SlowDown => pause += PAUSE,
        }
    }
    Err(CliError::user("the code was not entered in time").hint("`waybill login --device` shows another one"))
}
