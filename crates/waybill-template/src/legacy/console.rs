//! The console of a legacy template: each line is a text with template syntax in it.

use std::fmt::Write as _;

use waybill_go::text_template::Value;

use super::{
    Template,
    engine::{Engine, Fault, Place, Users},
    variables::{Given, Values},
};
use crate::diagnostic::Diagnostics;

/// What lines are answered with.
pub struct Console<'a> {
    values: Values,
    place: Place<'a>,
}

impl<'a> Console<'a> {
    /// A console for a template.
    ///
    /// If the variables do not all have a value, or the template does not fit together, only what was given is there,
    /// as it was given; the faults are reported, though a console goes on without.
    pub fn new(template: &Template, given: &Given, place: Place<'a>, diagnostics: &mut Diagnostics) -> Self {
        let before = diagnostics.len();
        template.check(diagnostics);
        if diagnostics.len() == before {
            template.check_version(place.core_version, diagnostics);
        }
        let values =
            if diagnostics.len() == before { template.values(given, place, diagnostics) } else { None };
        Self { values: values.unwrap_or_else(|| given.values().clone()), place }
    }

    /// The answer to a line.
    pub fn answer(&self, line: &str) -> Result<String, Fault> {
        let line = line.trim();
        match line {
            "variables" => Ok(self.variables()),
            "help" => Ok(HELP.to_owned()),
            _ => {
                let place = Place { users: Users::Final(&self.values), ..self.place };
                Engine::new(place).render_until_stable(line, &Value::None)
            }
        }
    }

    /// The values of variables by which lines are answered.
    pub fn values(&self) -> &Values {
        &self.values
    }

    fn variables(&self) -> String {
        self.values.iter().fold("\n".to_owned(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name}: {value},");
            text
        })
    }
}

const HELP: &str = "\
Packer console JSON Mode.
The Packer console allows you to experiment with Packer interpolations.
You may access variables in the Packer config you called the console with.

Type in the interpolation to test and hit <enter> to see the result.

\"variables\" will dump all available variables and their values.

\"{{timestamp}}\" will output the timestamp, for example \"1559855090\".

To exit the console, type \"exit\" and hit <enter>, or use Control-C.

/!\\ If you would like to start console in hcl2 mode without a config you can
use the --config-type=hcl2 option.";
