import Foundation
import Kapok
import KapokUI
import Testing

struct CatalogueTests {
    @Test func everyTextIsThereInEveryLanguageAndNoneIsLeftOver() throws {
        let labels = try Catalogue.load(.labels)
        #expect(labels.keys == Set(L10n.allCases.map(\.rawValue)))
        let errors = try Catalogue.load(.errors)
        #expect(errors.keys.contains("PIN_WRONG") && errors.keys.count > 80)
        for catalogue in [labels, errors] {
            for key in catalogue.keys {
                for language in Catalogue.languages {
                    #expect(catalogue.format(key, language)?.isEmpty == false, "\(key) in \(language)")
                }
            }
        }
    }

    @Test func theArgumentsOfATextAreTheSameInEveryLanguage() throws {
        let labels = try Catalogue.load(.labels)
        for key in labels.keys {
            let places = Catalogue.languages.map { language in
                (labels.format(key, language) ?? "").components(separatedBy: "%").dropFirst().map { $0.prefix(2) }
                    .sorted()
            }
            #expect(Set(places).count == 1, "\(key)")
        }
    }

    @Test func aFailureIsToldWithItsReasonItsTriesAndItsWait() throws {
        let failure = KapokFailure(
            code: "PIN_WAIT", nextStep: .retry, reason: "check_digit", triesLeft: 3, waitSeconds: 75)
        let notice = Notice(failure)
        let labels = try Catalogue.load(.labels)
        let errors = try Catalogue.load(.errors)
        let texts = notice.lines.map { $0.text("en", in: $0.table == .errors ? errors : labels) }
        #expect(
            texts == [
                "Too many wrong PINs; please wait", "the check digit is wrong", "3 tries left", "Please wait 1:15",
            ])
        #expect(notice.code == "PIN_WAIT" && notice.nextStep == .retry)
        #expect(Notice(KapokFailure(code: "OFFLINE", nextStep: .goOnline, waitSeconds: 0)).lines.count == 1)
    }

    @Test func aNoticeSaysWhatCanBeDoneNowAndLeadsToItsScreen() {
        let notice = { Notice(KapokFailure(code: "X", nextStep: $0)) }
        let leads: [(NextStep, Words, Screen)] = [
            (.agreePrivacy, Words(.nextAgreePrivacy), .privacy), (.logIn, Words(.nextLogIn), .login),
            (.selectEnterprise, Words(.nextSelectEnterprise), .enterprises),
            (.askAuthentication, Words(.nextAskAuthentication), .enterprises),
            (.setPin, Words(.nextSetPin), .pinSet), (.scanAgain, Words(.nextScanAgain), .scan),
        ]
        for (step, words, screen) in leads { #expect(notice(step).wayOn == .leads(words, screen)) }
        for step in [NextStep.faceCheck, .askAdmin, .goOnline, .update, .askService] {
            guard case .said = notice(step).wayOn else {
                Issue.record("\(step)")
                continue
            }
        }
        for step in [NextStep.fixInput, .retry] { #expect(notice(step).wayOn == .nothing) }
        #expect(Notice(Words(.generated)).wayOn == .nothing)
    }

    @Test func aDayIsThatOfChina() {
        #expect(day(1_767_196_800) == "2026-01-01")
        #expect(minutes(605) == "10:05")
    }
}
