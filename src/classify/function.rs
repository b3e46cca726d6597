//! `classify(description, lang, category, beneficiary)` in SQL: one struct per text.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, StringArray, StructArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::domain::GateTreatment;

use super::answer::Answer;
use super::{Question, RuleSet};

/// Returns the SQL function `classify`, over a rule set.
#[must_use]
pub fn classify(rules: Arc<RuleSet>) -> ScalarUDF {
    ScalarUDF::new_from_impl(Classify {
        rules,
        signature: Signature::one_of(
            vec![datafusion::logical_expr::TypeSignature::VariadicAny],
            Volatility::Immutable,
        ),
    })
}

#[derive(Debug)]
struct Classify {
    rules: Arc<RuleSet>,
    signature: Signature,
}

impl PartialEq for Classify {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rules, &other.rules)
    }
}

impl Eq for Classify {}

impl Hash for Classify {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "classify".hash(state);
    }
}

/// The text fields of the struct, in order; then `confidence_bps` and [`FLAGS`].
const TEXTS: [&str; 9] = [
    "class",
    "subclass",
    "beneficiary",
    "gate_treatment",
    "eligibility",
    "method",
    "rule_id",
    "matched",
    "runner_up",
];

/// Whether the text names security, and whether such answers were right often enough.
const FLAGS: [&str; 2] = ["named", "measured_high"];

fn fields() -> Fields {
    let mut fields: Vec<Field> =
        TEXTS.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    fields.push(Field::new("confidence_bps", DataType::Int32, true));
    fields.extend(FLAGS.iter().map(|name| Field::new(*name, DataType::Boolean, true)));
    Fields::from(fields)
}

impl ScalarUDFImpl for Classify {
    fn name(&self) -> &'static str {
        "classify"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> EngineResult<DataType> {
        if arguments.is_empty() || arguments.len() > 4 {
            return Err(DataFusionError::Plan(
                "classify takes description, lang, category, beneficiary; the last three \
                 may be left out"
                    .to_owned(),
            ));
        }
        Ok(DataType::Struct(fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let texts: EngineResult<Vec<ArrayRef>> =
            arrays.iter().map(|array| Ok(cast(array, &DataType::Utf8)?)).collect();
        let texts = texts?;
        let texts: Vec<&StringArray> =
            texts.iter().map(AsArray::as_string::<i32>).collect();
        Ok(ColumnarValue::Array(Arc::new(self.answers(&texts, args.number_rows)?)))
    }
}

impl Classify {
    fn answers(&self, texts: &[&StringArray], rows: usize) -> EngineResult<StructArray> {
        let mut known: HashMap<[Option<&str>; 4], usize> = HashMap::new();
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let mut places = Vec::with_capacity(rows);
        for row in 0..rows {
            let at = |index: usize| {
                texts
                    .get(index)
                    .filter(|array| row < array.len() && !array.is_null(row))
                    .map(|array| array.value(row))
            };
            let key = [at(0), at(1), at(2), at(3)];
            let place = *known.entry(key).or_insert_with(|| {
                answers.push(self.answer(key));
                answers.len().saturating_sub(1)
            });
            places.push(place);
        }
        let of = |row: &usize| answers.get(*row).and_then(Option::as_ref);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(12);
        for name in TEXTS {
            let values = places.iter().map(|row| of(row).and_then(|a| text_of(a, name)));
            columns.push(Arc::new(values.collect::<StringArray>()));
        }
        let confidence = places
            .iter()
            .map(|row| of(row).and_then(|a| i32::try_from(a.confidence_bps).ok()));
        columns.push(Arc::new(confidence.collect::<Int32Array>()));
        for flag in [|a: &Answer| a.named, Answer::measured_high] {
            let values = places.iter().map(|row| of(row).map(flag));
            columns.push(Arc::new(values.collect::<BooleanArray>()));
        }
        Ok(StructArray::try_new(fields(), columns, None)?)
    }

    fn answer(&self, key: [Option<&str>; 4]) -> Option<Answer> {
        let [description, lang, category, beneficiary] = key;
        Some(self.rules.classify(&Question {
            description: description?,
            lang,
            scheme: Some("2012"),
            category,
            beneficiary,
            security: false,
        }))
    }
}

fn text_of(answer: &Answer, name: &str) -> Option<String> {
    match name {
        "class" => Some(answer.class.code().to_owned()),
        "subclass" => answer.subclass.map(|subclass| subclass.code().to_owned()),
        "beneficiary" => Some(answer.beneficiary.code().to_owned()),
        "gate_treatment" => {
            let treatment = GateTreatment::of(answer.class, answer.beneficiary, false);
            Some(treatment.code().to_owned())
        }
        "eligibility" => Some(answer.flag_text()),
        "method" => Some(answer.method.code().to_owned()),
        "rule_id" => Some(answer.rule_id.clone()),
        "matched" => Some(answer.matched_words()),
        _ => answer.runner_up.as_ref().map(|other| other.class.code().to_owned()),
    }
}
