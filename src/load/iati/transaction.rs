//! One `transaction` of an activity.

use super::facts::{Activity, Field, Transaction};
use super::notices::{NO_NARRATIVE, NO_VALUE_DATE, STRAY_PERCENTAGE, VALUE_DATE_AS_DATE};
use super::source::{Source, Version};
use super::xml::{Fault, Step};

impl<'a> Source<'a> {
    /// Reads the transaction that has just opened.
    pub(super) fn transaction(
        &mut self,
        activity: &mut Activity<'a>,
    ) -> Result<(), Fault> {
        let place = self.xml.place();
        let first_sector = activity.transaction_sectors.len();
        let mut one = Transaction {
            place,
            source_ref: Field::of(self.xml.attribute("ref"), place.at),
            ..Transaction::default()
        };
        let mut seen = 0_u32;
        loop {
            match self.xml.step()? {
                Step::Open("sector") => {
                    let sector = self.sector()?;
                    activity.transaction_sectors.extend(sector);
                }
                Step::Open(name) => self.transaction_part(name, &mut seen, &mut one)?,
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        if one.date.is_empty() && !one.value_date.is_empty() {
            self.remark(VALUE_DATE_AS_DATE, place.at, &one.value_date.text);
            one.date = one.value_date.clone();
        }
        one.sectors = first_sector..activity.transaction_sectors.len();
        activity.transactions.push(one);
        Ok(())
    }

    fn transaction_part(
        &mut self,
        name: &str,
        seen: &mut u32,
        one: &mut Transaction<'a>,
    ) -> Result<(), Fault> {
        let number = match name {
            "transaction-type" => 0,
            "transaction-date" => 1,
            "value" => 2,
            "description" => 3,
            "provider-org" => 4,
            "receiver-org" => 5,
            "recipient-country" => 6,
            "recipient-region" => 7,
            "flow-type" => 8,
            "finance-type" => 9,
            "tied-status" => 10,
            "disbursement-channel" => 11,
            "aid-type" => return self.checked_code(name).map(drop),
            _ => return self.xml.skip(),
        };
        if !self.is_first(seen, number, name) {
            // Which type, day or amount is meant cannot be told; all else is beside the
            // money, and words may stand once per language in 1.0x.
            if number <= 2 {
                one.objections.push(self.ambiguity(name, "transaction"));
            }
            if number != 3 {
                return self.xml.skip();
            }
        }
        match number {
            0 => one.kind = self.code()?,
            1 => one.date = self.day()?,
            2 => {
                (one.amount, one.currency, one.value_date) = self.value(NO_VALUE_DATE)?;
            }
            3 => {
                let at = self.xml.at();
                let words = self.words()?;
                if words.field.is_empty() && self.version == Version::Two {
                    self.remark(NO_NARRATIVE, at, name);
                }
                one.description.offer(words);
            }
            4 => {
                one.has_provider = true;
                one.provider_activity = self.activity_named("provider-activity-id");
                one.provider = self.organisation()?;
            }
            5 => {
                one.has_receiver = true;
                one.receiver_activity = self.activity_named("receiver-activity-id");
                one.receiver = self.organisation()?;
            }
            6 | 7 => {
                if self.xml.attribute("percentage").is_some() {
                    self.remark(STRAY_PERCENTAGE, self.xml.at(), name);
                }
                let code = self.checked_code(name)?;
                if number == 6 {
                    one.country = code;
                } else {
                    one.has_region = true;
                }
            }
            _ => self.checked_code(name).map(drop)?,
        }
        Ok(())
    }
}
