//! `cidrhost`, `cidrnetmask`, `cidrsubnet` and `cidrsubnets`: arithmetic with ranges of IP addresses.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use super::{Arguments, Function, FunctionError, number, string};
use crate::value::{Number, Type, Value};

/// By how many bits a prefix can be extended.
const MAX_NEW_BITS: i64 = 32;

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("cidrhost", [string("prefix"), number("hostnum")], Type::String, host),
        Function::new("cidrnetmask", [string("prefix")], Type::String, netmask),
        Function::new(
            "cidrsubnet",
            [string("prefix"), number("newbits"), number("netnum")],
            Type::String,
            subnet,
        ),
        Function::new("cidrsubnets", [string("prefix")], Type::list(Type::String), subnets)
            .variadic(number("newbits")),
    ]
}

/// A range of addresses that have the first bits in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    /// The first address, as a number.
    first: u128,
    /// How many bits all addresses have in common.
    prefix: u32,
    /// How many bits an address has: 32 or 128.
    bits: u32,
}

impl Network {
    /// Reads `address/bits`. The address may be any of the range.
    fn parse(text: &str) -> Result<Self, FunctionError> {
        let fault = || FunctionError::new(format!("{text:?} is not a range of addresses such as 10.0.0.0/8"));
        let (address, prefix) = text.split_once('/').ok_or_else(fault)?;
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fault());
        }
        let (address, bits) = match address.parse().map_err(|_| fault())? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let prefix = prefix.parse().ok().filter(|&prefix| prefix <= bits).ok_or_else(fault)?;
        let network = Self { first: 0, prefix, bits };
        Ok(Self { first: address & network.mask(), ..network })
    }

    /// Ones where all addresses are equal.
    fn mask(self) -> u128 {
        let all = u128::MAX >> (128 - self.bits);
        all & !all.checked_shr(self.prefix).unwrap_or(0)
    }

    fn last(self) -> u128 {
        self.first | !self.mask() & (u128::MAX >> (128 - self.bits))
    }

    /// An address of this network's kind.
    fn address(self, address: u128) -> IpAddr {
        match u32::try_from(address) {
            Ok(address) if self.bits == 32 => Ipv4Addr::from(address).into(),
            _ => Ipv6Addr::from(address).to_canonical(),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address(self.first);
        // an IPv4 address in the form of an IPv6 one is written as what it is
        let is_mapped = self.bits == 128 && address.is_ipv4();
        match self.prefix.checked_sub(96).filter(|_| is_mapped) {
            Some(prefix) => write!(f, "{address}/{prefix}"),
            None => write!(f, "{address}/{}", self.prefix),
        }
    }
}

fn whole(call: &Arguments<'_>, index: usize) -> Result<i64, FunctionError> {
    call.number(index)
        .and_then(Number::to_i64)
        .ok_or_else(|| FunctionError::new("a whole number of at most 64 bits is needed"))
}

/// A negative number counts from the end.
fn host(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.text(0))?;
    let number = whole(&call, 1)?;
    let count_less_one = network.last() - network.first;
    let offset = match u128::try_from(number) {
        Ok(number) => Some(number),
        Err(_) => count_less_one.checked_sub(u128::from(number.unsigned_abs()) - 1),
    };
    match offset.filter(|&offset| offset <= count_less_one) {
        Some(offset) => Ok(Value::string(network.address(network.first + offset).to_string())),
        None => Err(FunctionError::new(format!("{network} has no address of number {number}"))),
    }
}

fn netmask(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.text(0))?;
    Ok(Value::string(match u32::try_from(network.mask()) {
        Ok(mask) if network.bits == 32 => Ipv4Addr::from(mask).to_string(),
        _ => Ipv6Addr::from(network.mask()).to_string(),
    }))
}

fn subnet(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.text(0))?;
    let (new_bits, number) = (whole(&call, 1)?, whole(&call, 2)?);
    let extended = extended(network, new_bits).map_err(FunctionError::new)?;
    let fits = u128::try_from(number).ok().filter(|&number| new_bits < 0 || number >> new_bits == 0);
    let Some(number) = fits else {
        let message = format!("with {new_bits} more bits there is no subnet of number {number}");
        return Err(FunctionError::new(message));
    };
    let all = u128::MAX >> (128 - network.bits);
    let first = network.first | number.checked_shl(extended.bits - extended.prefix).unwrap_or(0) & all;
    Ok(Value::string(Network { first, ..extended }.to_string()))
}

/// The network with this many more bits in common; fewer if it is negative.
fn extended(network: Network, new_bits: i64) -> Result<Network, String> {
    if MAX_NEW_BITS < new_bits {
        return Err(format!("a prefix can be extended by at most {MAX_NEW_BITS} bits"));
    }
    let prefix =
        i64::from(network.prefix).checked_add(new_bits).and_then(|prefix| u32::try_from(prefix).ok());
    match prefix.filter(|&prefix| prefix <= network.bits) {
        Some(prefix) => Ok(Network { prefix, ..network }),
        None => Err(format!("{network} cannot be extended by {new_bits} bits")),
    }
}

/// One subnet after the other, each as soon as its size allows it.
fn subnets(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let network = Network::parse(call.text(0)).map_err(|fault| FunctionError::argument(0, fault.message))?;
    let mut free = Some(network.first);
    let mut subnets = Vec::new();
    for index in 1..call.len() {
        let fault = |message| FunctionError::argument(index, message);
        let new_bits = whole(&call, index).map_err(|error| fault(error.message))?;
        if new_bits < 1 {
            return Err(fault("a subnet has at least one bit more than its network".to_owned()));
        }
        let subnet = extended(network, new_bits).map_err(fault)?;
        let size_less_one = subnet.last() - (subnet.first & subnet.mask());
        let aligned = free.and_then(|free| free.checked_add(size_less_one)).map(|end| end & !size_less_one);
        let Some(first) = aligned.filter(|&first| first <= network.last()) else {
            let message = format!("not enough of {network} is left for a subnet of /{}", subnet.prefix);
            return Err(fault(message));
        };
        let subnet = Network { first, ..subnet };
        subnets.push(Value::string(subnet.to_string()));
        free = subnet.last().checked_add(1);
    }
    Ok(Value::list(Type::String, subnets))
}
