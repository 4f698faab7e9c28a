//! Identity numbers: every example that must pass, and what is refused with which words.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use kapok_formats::identity::{
    Date, EnterpriseName, IdDocument, IdKind, IdentityError, NameDifference, NumberKind,
    OrganisationCode, Phone, RegistrationNumber, Remark, ResidentId, Sex, Uscc,
};
use proptest::prelude::*;

#[test]
fn uscc_examples_of_all_authorities_pass() {
    for code in [
        "91110000600037341L",
        "91440300708461136T",
        "91350100M000100Y43",
        "91420100052045470K",
    ] {
        let parsed = Uscc::parse(code).unwrap();
        assert_eq!(parsed.as_str(), code);
        assert!(parsed.organisation_code().is_some(), "{code}");
    }
    // Authorities A, N and Y are of GB 32100 too; one with each is made with its check character here.
    for head in [
        "A1110000600037341",
        "N1110000600037341",
        "Y1110000600037341",
    ] {
        let fitting = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .filter(|c| Uscc::parse(&format!("{head}{c}")).is_ok());
        assert_eq!(fitting.count(), 1, "{head}");
    }
}

#[test]
fn uscc_is_normalised_but_never_repaired() {
    let typed = " 9111\u{200B}0000６０００37341l\u{FEFF}\u{3000}";
    assert_eq!(Uscc::parse(typed).unwrap().as_str(), "91110000600037341L");
    let zero_as_letter = Uscc::parse("9111O000600037341L");
    assert_eq!(
        zero_as_letter,
        Err(IdentityError::Character {
            field: "uscc",
            position: 5,
            found: 'O'
        })
    );
    let forbidden_letter = Uscc::parse("91350100I000100Y43");
    assert_eq!(
        forbidden_letter,
        Err(IdentityError::Character {
            field: "uscc",
            position: 9,
            found: 'I'
        })
    );
    assert_eq!(
        Uscc::parse("91110000600037341"),
        Err(IdentityError::Length {
            field: "uscc",
            found: 17
        })
    );
    assert_eq!(
        Uscc::parse("91110000600037341M"),
        Err(IdentityError::CheckDigit { field: "uscc" })
    );
}

#[test]
fn organisation_code_and_registration_number() {
    assert_eq!(
        OrganisationCode::parse("D2143569-X").unwrap().as_str(),
        "D2143569X"
    );
    assert_eq!(
        OrganisationCode::parse("D2143569X").unwrap().as_str(),
        "D2143569X"
    );
    assert!(OrganisationCode::parse("D2143569-1").is_err());
    assert_eq!(
        RegistrationNumber::parse("110108000000016")
            .unwrap()
            .as_str(),
        "110108000000016"
    );
    assert!(RegistrationNumber::parse("110108000000017").is_err());
}

#[test]
fn resident_ids_of_both_lengths() {
    for number in [
        "11010519491231002X",
        "440524188001010014",
        "610104620927690",
    ] {
        assert_eq!(ResidentId::parse(number).unwrap().as_str(), number);
    }
    assert_eq!(
        ResidentId::parse("11010519491231002x").unwrap().as_str(),
        "11010519491231002X"
    );
    assert_eq!(
        ResidentId::parse("110105194912310021"),
        Err(IdentityError::CheckDigit {
            field: "resident_id"
        })
    );
    assert_eq!(
        ResidentId::parse("11010519490231002X"),
        Err(IdentityError::Date {
            field: "resident_id"
        })
    );
    assert_eq!(
        ResidentId::parse("810000199408230021"),
        Err(IdentityError::Region {
            field: "resident_id"
        })
    );
    assert_eq!(
        ResidentId::parse("1101051949X231002X"),
        Err(IdentityError::Character {
            field: "resident_id",
            position: 11,
            found: 'X'
        })
    );
}

#[test]
fn a_number_beginning_with_nine_is_a_permanent_residence_card() {
    for number in ["911124198108030024", "932682198501010017"] {
        assert!(
            IdDocument::parse(IdKind::PermanentResidence, number).is_ok(),
            "{number}"
        );
        assert_eq!(
            ResidentId::parse(number),
            Err(IdentityError::Region {
                field: "resident_id"
            })
        );
    }
}

#[test]
fn documents_of_every_kind() {
    let good = [
        (IdKind::ResidentId, "11010519491231002X"),
        (IdKind::ResidencePermit, "810000199408230021"),
        (IdKind::ResidencePermit, "830000199201300022"),
        (IdKind::PermanentResidence, "CAN110019810803"),
        (IdKind::HkMacaoPermit, "H12345678"),
        (IdKind::HkMacaoPermit, "M1234567801"),
        (IdKind::TaiwanPermit, "12345678"),
        (IdKind::TaiwanPermit, "1234567801"),
        (IdKind::Passport, "E12345678"),
        (IdKind::Passport, "EA1234567"),
        (IdKind::Passport, "G12345678"),
        (IdKind::Passport, "SE1234567"),
    ];
    for (kind, number) in good {
        let document =
            IdDocument::parse(kind, number).unwrap_or_else(|e| panic!("{kind:?} {number}: {e}"));
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(serde_json::from_str::<IdDocument>(&json).unwrap(), document);
        assert!(!format!("{document:?}").contains("1234"));
    }
    let bad = [
        (IdKind::ResidencePermit, "840000199201300022"),
        (IdKind::ResidencePermit, "810000199408230022"),
        (IdKind::HkMacaoPermit, "T12345678"),
        (IdKind::TaiwanPermit, "123456789"),
        (IdKind::Passport, "EI1234567"),
        (IdKind::Passport, "EO1234567"),
        (IdKind::PermanentResidence, "911124198108030025"),
    ];
    for (kind, number) in bad {
        assert!(
            IdDocument::parse(kind, number).is_err(),
            "{kind:?} {number}"
        );
    }
}

#[test]
fn phone_numbers_are_checked_by_form_only() {
    for typed in [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "１３８００１３８０００",
    ] {
        assert_eq!(Phone::parse(typed).unwrap().as_str(), "13800138000");
    }
    assert_eq!(Phone::parse("13800138000").unwrap().masked(), "138****8000");
    for bad in [
        "12800138000",
        "1380013800",
        "138001380000",
        "1380013800O",
        "020-12345678",
        "",
    ] {
        assert!(Phone::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(
        Phone::parse("1380013800O"),
        Err(IdentityError::Character {
            field: "phone",
            position: 11,
            found: 'O'
        })
    );
}

#[test]
fn yst_056_typing_differences_are_forgiven_and_others_pointed_at() {
    let name = EnterpriseName::parse("广东木棉（深圳）科技有限公司").unwrap();
    for typed in [
        "广东木棉(深圳)科技有限公司",
        " 广东木棉 （深圳）\u{200B}科技有限公司\u{3000}",
        "广东木棉﹙深圳﹚科技有限公司",
    ] {
        assert_eq!(name.compare(typed), Ok(()), "{typed}");
        assert_eq!(
            EnterpriseName::lookup_key(typed),
            EnterpriseName::lookup_key(name.as_str())
        );
    }
    assert_eq!(
        name.compare("广东 木绵(深圳)科技有限公司"),
        Err(NameDifference {
            position: 5,
            found: Some('绵')
        })
    );
    assert_eq!(
        name.compare("广东木棉(深圳)科技"),
        Err(NameDifference {
            position: 11,
            found: None
        })
    );
    assert_eq!(
        name.compare("广东木棉(深圳)科技有限公司部"),
        Err(NameDifference {
            position: 15,
            found: Some('部')
        })
    );
    let dotted = EnterpriseName::parse("阿里木·买买提商行").unwrap();
    for dot in ['\u{B7}', '\u{2022}', '\u{2027}', '\u{30FB}', '\u{FF65}'] {
        assert_eq!(
            dotted.compare(&format!("阿里木{dot}买买提商行")),
            Ok(()),
            "{dot:?}"
        );
    }
    assert_eq!(
        name.as_str(),
        "广东木棉（深圳）科技有限公司",
        "the registered form stays"
    );
}

#[test]
fn an_enterprise_name_is_neither_empty_nor_endless() {
    assert!(EnterpriseName::parse(" \u{200B} ").is_err());
    assert!(EnterpriseName::parse(&"木".repeat(65)).is_err());
    assert!(EnterpriseName::parse("木棉\u{7}公司").is_err());
}

#[test]
fn numbers_travel_as_text_and_are_checked_when_read() {
    let code: Uscc = serde_json::from_str("\"91440300708461136t\"").unwrap();
    assert_eq!(
        serde_json::to_string(&code).unwrap(),
        "\"91440300708461136T\""
    );
    assert!(serde_json::from_str::<Uscc>("\"91440300708461136X\"").is_err());
    assert!(serde_json::from_str::<Phone>("\"1\"").is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = Uscc::parse(&text);
        let _ = OrganisationCode::parse(&text);
        let _ = RegistrationNumber::parse(&text);
        let _ = Phone::parse(&text);
        for kind in [IdKind::ResidentId, IdKind::HkMacaoPermit, IdKind::PermanentResidence, IdKind::Passport, IdKind::ResidencePermit] {
            let _ = IdDocument::parse(kind, &text);
        }
        if let Ok(name) = EnterpriseName::parse(&text) {
            prop_assert_eq!(name.compare(&text), Ok(()));
        }
    }

    #[test]
    fn one_wrong_digit_is_always_found(at in 0usize..17, digit in 0u32..10) {
        let good = "440524188001010014";
        let wrong: String = good.chars().enumerate().map(|(i, c)| if i == at { char::from_digit(digit, 10).unwrap() } else { c }).collect();
        prop_assert_eq!(ResidentId::parse(&wrong).is_ok(), wrong == good);
    }
}

#[test]
fn jl_016_the_age_is_of_completed_years() {
    let born = |text: &str| ResidentId::parse(text).unwrap().birth_date().unwrap();
    let day = |y, m, d| Date::new(y, m, d).unwrap();
    let one = born("11010519491231002X");
    assert_eq!(one.parts(), (1949, 12, 31));
    assert_eq!(one.age_on(day(1965, 12, 30)), Some(15));
    assert_eq!(one.age_on(day(1965, 12, 31)), Some(16));
    assert_eq!(one.age_on(day(1949, 12, 31)), Some(0));
    assert_eq!(one.age_on(day(1949, 12, 30)), None);
    let leap = day(2008, 2, 29);
    assert_eq!(leap.age_on(day(2024, 2, 28)), Some(15));
    assert_eq!(leap.age_on(day(2024, 2, 29)), Some(16));
    assert_eq!(leap.age_on(day(2023, 2, 28)), Some(14));
    assert_eq!(leap.age_on(day(2023, 3, 1)), Some(15));
    assert_eq!(born("610104620927690").parts(), (1962, 9, 27));
    assert_eq!(Date::new(2023, 2, 29), None);
    assert_eq!(Date::new(20_230, 2, 1), None);
}

#[test]
fn birth_date_and_sex_are_read_where_the_number_holds_them() {
    let document = |kind, text| IdDocument::parse(kind, text).unwrap().birth_date();
    let permit = document(IdKind::ResidencePermit, "810000199408230021");
    assert_eq!(permit.unwrap().parts(), (1994, 8, 23));
    let card = document(IdKind::PermanentResidence, "911124198108030024");
    assert_eq!(card.unwrap().parts(), (1981, 8, 3));
    assert_eq!(
        document(IdKind::PermanentResidence, "CAN110019810803"),
        None
    );
    assert_eq!(document(IdKind::Passport, "E12345678"), None);
    let sex = |text| ResidentId::parse(text).unwrap().sex();
    assert_eq!(sex("11010519491231002X"), Some(Sex::Female));
    assert_eq!(sex("440524188001010014"), Some(Sex::Male));
    assert_eq!(sex("610104620927690"), Some(Sex::Female));
}

#[test]
fn each_kind_takes_its_own_numbers_and_says_why_it_takes_no_other() {
    let good = [
        ("uscc", " 91110000600037341l", "91110000600037341L"),
        ("ric", "11010519491231002x", "11010519491231002X"),
        ("ric15", "610104620927690", "610104620927690"),
        ("orgcode", "D2143569-X", "D2143569X"),
        ("regno", "110108000000016", "110108000000016"),
        ("hkmt", "810000199408230021", "810000199408230021"),
        ("hmpermit", "h12345678", "H12345678"),
        ("twpermit", "12345678", "12345678"),
        ("pr18", "932682198501010017", "932682198501010017"),
        ("pr15", "CAN110019810803", "CAN110019810803"),
        ("passport", "EA1234567", "EA1234567"),
        ("mobile", "+86 138-0013-8000", "13800138000"),
    ];
    assert_eq!(good.len(), NumberKind::ALL.len());
    for (word, typed, canonical) in good {
        let kind = NumberKind::of_word(word).unwrap();
        assert_eq!(kind.word(), word);
        assert_eq!(kind.check(typed).as_deref(), Ok(canonical), "{word}");
        assert_eq!(kind.remark(canonical), None, "{word}");
        assert!(kind.check("").is_err(), "{word}");
        assert!(kind.check("一二三").is_err(), "{word}");
    }
    assert_eq!(NumberKind::of_word("USCC"), None);
    let why = |word: &str, text: &str| {
        let kind = NumberKind::of_word(word).unwrap();
        kind.check(text).unwrap_err().word()
    };
    assert_eq!(why("ric", "610104620927690"), "length");
    assert_eq!(why("ric15", "11010519491231002X"), "length");
    assert_eq!(why("pr18", "CAN110019810803"), "length");
    assert_eq!(why("ric", "911124198108030024"), "region");
    assert_eq!(why("uscc", "91350100I000100Y43"), "character");
    assert_eq!(why("ric", "110105194912310021"), "check_digit");
    assert_eq!(why("hkmt", "810000199413230021"), "date");
}

#[test]
fn a_uscc_whose_inner_code_does_not_fit_is_valid_with_a_remark() {
    // The inner code with another check character, the outer one made to fit.
    let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let odd: Vec<String> = alphabet
        .chars()
        .map(|check| format!("91110000600037342{check}"))
        .filter(|code| Uscc::parse(code).is_ok())
        .collect();
    let [odd] = odd.as_slice() else {
        panic!("{odd:?}");
    };
    assert_eq!(NumberKind::Uscc.check(odd).as_ref(), Ok(odd));
    assert_eq!(NumberKind::Uscc.remark(odd), Some(Remark::InnerCheck));
}
