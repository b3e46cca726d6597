//! The taxonomy: class, subclass, beneficiary, gate treatment and eligibility flags.
//!
//! Three independent answers about a line. Its *class* says what the money buys, an
//! *eligibility flag* whether it may be paid, its *gate treatment* whether the software
//! gate holds it. None follows from another. Source: D§6.1, `contract.md` Q35.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Defines an enum of codes with their text, in the order in which ties are settled.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it stands in tables.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Reads a code; nothing where it is not one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }
    };
}

codes! {
    /// What the money of a line buys; in the order in which ties are settled (Q33).
    Class {
        /// Infrastructure, equipment and operations of providers.
        Hardware = "hardware",
        /// Training and discipline of provider personnel.
        Training = "training",
        /// Governance, oversight and management of the sector.
        SectorWide = "sector_wide",
        /// Project management, indirect cost, project evaluation, audit, visibility.
        Support = "support",
        /// Another focus area of the Fund.
        OutOfScope = "out_of_scope",
        /// Two or more natures without amounts; carried as bounds.
        Mixed = "mixed",
        /// Not known; carried as bounds.
        Unclassified = "unclassified",
    }
}

codes! {
    /// The detail of a class (D§6.1).
    Subclass {
        /// Infrastructure.
        H1 = "H1",
        /// Equipment.
        H2 = "H2",
        /// Operations.
        H3 = "H3",
        /// Skills.
        T1 = "T1",
        /// Management skills of provider personnel.
        T2 = "T2",
        /// Norms: human rights, humanitarian law, gender.
        T3 = "T3",
        /// Training systems.
        T4 = "T4",
        /// Exposure.
        T5 = "T5",
        /// Discipline and conduct.
        T6 = "T6",
        /// Governance and institutional reform.
        S1 = "S1",
        /// Oversight.
        S2 = "S2",
        /// Management.
        S3 = "S3",
        /// Dialogue.
        S4 = "S4",
        /// Review and assessment.
        S5 = "S5",
        /// Policy, strategy, plan.
        S6 = "S6",
        /// Legislation and norms.
        S7 = "S7",
        /// Coordination, harmonisation, resource mobilisation.
        S8 = "S8",
        /// Monitoring and evaluation of the reform.
        S9 = "S9",
        /// Vetting, integrity, accountability.
        S10 = "S10",
        /// Grass-roots and community engagement.
        S11 = "S11",
        /// Outreach and communication on the reform.
        S12 = "S12",
        /// Indirect support cost.
        X1 = "X1",
        /// Project management staff and office.
        X2 = "X2",
        /// Project monitoring and evaluation.
        X3 = "X3",
        /// Audit, visibility, agency operating cost.
        X4 = "X4",
        /// PBF Secretariat.
        X5 = "X5",
        /// Staff or consultant with no activity link.
        X6 = "X6",
    }
}

codes! {
    /// Who gets what a line buys (D§6.1, the actor typology of SEED 002).
    Beneficiary {
        /// Armed forces.
        Defence = "defence",
        /// Police.
        Police = "police",
        /// Gendarmerie.
        Gendarmerie = "gendarmerie",
        /// Intelligence services.
        Intelligence = "intelligence",
        /// Prisons.
        Corrections = "corrections",
        /// Border guards and customs.
        BorderCustoms = "border_customs",
        /// Civil protection, fire brigades.
        CivilProtection = "civil_protection",
        /// Courts and prosecution.
        Justice = "justice",
        /// Providers outside the statute.
        NonStatutoryProvider = "non_statutory_provider",
        /// Parliament, ombuds institution, inspectorate, audit court.
        OversightFormal = "oversight_formal",
        /// Civil society, media, communities.
        OversightNonState = "oversight_non_state",
        /// Ministries, councils, coordination bodies.
        ManagementCivil = "management_civil",
        /// Several of them.
        Mixed = "mixed",
        /// Not known.
        Unknown = "unknown",
    }
}

codes! {
    /// Whether the software gate holds the money of a share (Q34, Q35).
    GateTreatment {
        /// Held while a hardware gate is not passed.
        Gated = "gated",
        /// Serves oversight or civil management: never held by the gate.
        ExemptOversight = "exempt_oversight",
        /// Safe storage and life safety, under the policy switch only.
        ExemptSafety = "exempt_safety",
        /// Not hardware, mixed or unclassified.
        NotHardware = "not_hardware",
    }
}

codes! {
    /// An eligibility screen (D§3.5).
    EligibilityFlag {
        /// Prohibited items.
        E1 = "E1",
        /// Military operational funds.
        E2 = "E2",
        /// Restricted: less-lethal weapons.
        E3 = "E3",
        /// Coercive or protective gear.
        E4 = "E4",
        /// Weapons and ammunition management.
        E5 = "E5",
        /// Dual use.
        E6 = "E6",
        /// Military infrastructure.
        E7 = "E7",
        /// Human rights due diligence in scope.
        E8 = "E8",
        /// Defence mandate and oversight test.
        E9 = "E9",
        /// Country eligibility.
        E10 = "E10",
        /// Recipient organisation eligibility.
        E11 = "E11",
        /// ODA flag.
        E12 = "E12",
        /// Sanctions or arms embargo.
        E13 = "E13",
    }
}

codes! {
    /// How a class was found, most trustworthy first.
    Method {
        /// An analyst's decision.
        Manual = "manual",
        /// A decision with several class shares.
        Split = "split",
        /// The lexicon and the decision procedure.
        Lexicon = "lexicon",
        /// The category's prior.
        CategoryPrior = "category_prior",
        /// Nothing was found.
        None = "none",
    }
}

impl Subclass {
    /// The class that a subclass belongs to.
    #[must_use]
    pub fn class(self) -> Class {
        match self.code().as_bytes().first() {
            Some(b'H') => Class::Hardware,
            Some(b'T') => Class::Training,
            Some(b'S') => Class::SectorWide,
            _ => Class::Support,
        }
    }
}

impl Class {
    /// Whether money of this class may turn out to be hardware.
    #[must_use]
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::Mixed | Self::Unclassified)
    }

    /// Whether the class counts as direct cost (Q30: all but support).
    #[must_use]
    pub fn is_direct(self) -> bool {
        self != Self::Support
    }
}

impl Beneficiary {
    /// Whether this is an oversight or civil management body (Q35).
    #[must_use]
    pub fn is_oversight(self) -> bool {
        matches!(
            self,
            Self::OversightFormal | Self::OversightNonState | Self::ManagementCivil
        )
    }

    /// Whether support to this body falls under human rights due diligence.
    #[must_use]
    pub fn is_force(self) -> bool {
        matches!(
            self,
            Self::Defence
                | Self::Police
                | Self::Gendarmerie
                | Self::Intelligence
                | Self::Corrections
                | Self::BorderCustoms
                | Self::NonStatutoryProvider
                | Self::Mixed
                | Self::Unknown
        )
    }

    /// Whether screens treat the beneficiary as defence (Q38).
    #[must_use]
    pub fn counts_as_defence(self) -> bool {
        matches!(self, Self::Defence | Self::Mixed | Self::Unknown)
    }
}

impl GateTreatment {
    /// Derives the treatment of a share (Q35); `safety` is a line of safe storage or
    /// life safety under a policy that exempts it.
    ///
    /// ```
    /// use ssrfund::domain::{Beneficiary, Class, GateTreatment};
    /// let of = |class, who| GateTreatment::of(class, who, false);
    /// assert_eq!(of(Class::Hardware, Beneficiary::Police), GateTreatment::Gated);
    /// assert_eq!(of(Class::Unclassified, Beneficiary::Unknown), GateTreatment::Gated);
    /// assert_eq!(of(Class::Training, Beneficiary::Police), GateTreatment::NotHardware);
    /// let exempt = of(Class::Hardware, Beneficiary::OversightFormal);
    /// assert_eq!(exempt, GateTreatment::ExemptOversight);
    /// ```
    #[must_use]
    pub fn of(class: Class, beneficiary: Beneficiary, safety: bool) -> Self {
        match class {
            Class::Hardware | Class::Mixed | Class::Unclassified => {
                if beneficiary.is_oversight() {
                    Self::ExemptOversight
                } else if safety {
                    Self::ExemptSafety
                } else {
                    Self::Gated
                }
            }
            _ => Self::NotHardware,
        }
    }
}
