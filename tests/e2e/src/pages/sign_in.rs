//! The sign-in, and the example people who use it.

use crate::backend::PASSWORD;
use crate::portal::Portal;

/// A partner's engineer in Japan with contracts in every state.
pub const SATO: &str = "sato@hokuto-systems.example";
/// A colleague who is not a contact of the contract.
pub const MORI: &str = "mori@hokuto-systems.example";
/// An engineer of another partner, in China.
pub const LIN: &str = "lin@bluewave-it.example";
/// A consultant whose company's contracts have all ended.
pub const ALEX: &str = "alex@northgate.example";
/// An Admin agent of a partner who sells cloud services directly, with ten thousand customers.
pub const ITO: &str = "ito@aozora-cloud.example";
/// A Helpdesk agent of the same partner.
pub const UEDA: &str = "ueda@aozora-cloud.example";
/// An adviser whose customers have granted, not yet granted, or never been asked.
pub const KIM: &str = "kim@brightpath-advisory.example";
/// A reseller whose providers withhold access to some customers.
pub const WANG: &str = "wang@lianyun-reseller.example";
/// A partner of the second tier, with contracts in every state.
pub const SILVA: &str = "silva@porto-it.example";
/// A partner of the first tier whose incidents are used up.
pub const ENDO: &str = "endo@gold-works.example";
/// A customer of the cloud on its basic plan.
pub const BASIC: &str = "basic@sakura-foods.example";
/// A colleague without permission to open tickets.
pub const NO_PERMISSION: &str = "noperm@sakura-foods.example";
/// A customer of the cloud on its advanced plan.
pub const ADVANCED: &str = "advanced@minato-bank.example";
/// A customer of the cloud on its premium plan.
pub const PREMIUM: &str = "premium@hinode-motors.example";
/// A customer of the cloud who buys through a partner.
pub const THROUGH_PARTNER: &str = "partner-customer@kaede-shop.example";
/// A customer of the cloud with contracts of several entities.
pub const SEVERAL_ENTITIES: &str = "two@futaba-group.example";
/// A colleague of the second tier's partner: an administrator who may buy.
pub const MARCO: &str = "marco@porto-it.example";
/// An administrator of the adviser's partner network, who may not file for customers.
pub const DANA: &str = "dana@brightpath-advisory.example";
/// A partner with appliances on every level and cases in every state of life.
pub const TANAKA: &str = "tanaka@kita-networks.example";
/// A partner of all three vendors.
pub const HAYASHI: &str = "hayashi@triple-systems.example";

/// The sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a>(pub &'a Portal);

impl SignIn<'_> {
    /// Opens the portal and signs in by typing.
    pub async fn open_as(self, login: &str) {
        self.0.open("/").await;
        self.as_person(login).await;
    }

    /// Signs in by typing and waits for what the account holds.
    pub async fn as_person(self, login: &str) {
        self.give(login, PASSWORD).await;
        self.until_in().await;
    }

    /// Signs in again over the page, as the person who was here.
    pub async fn again(self) {
        let password = "dialog[open] #sign-in-password";
        self.0.write(password, PASSWORD).await;
        self.0.press("dialog[open] button[type=submit]", None).await;
        let script = "return !find('dialog[open]');";
        self.0.until("the dialog to go", script, Vec::new()).await;
    }

    /// Signs in again after a crash, where that is asked for: a browser that was killed brings the
    /// cookie of its session back at times, and at times it doesn't.
    pub async fn again_after_a_crash(self) {
        let script = "
            const request = new XMLHttpRequest();
            request.open('GET', '/api/session', false);
            request.send();
            return JSON.parse(request.responseText).signed_in ? 'in' : 'out';";
        let found = self.0.until("the session", script, Vec::new()).await;
        if found == "out" {
            self.again().await;
        }
    }

    /// Fills in both lines and sends them.
    pub async fn give(self, login: &str, password: &str) {
        self.0.write("#sign-in-email", login).await;
        self.0.write("#sign-in-password", password).await;
        self.0.press("form button[type=submit]", None).await;
    }

    /// Chooses one of the example accounts.
    pub async fn choose_example(self, name: &str) {
        self.0.click("button.example", name).await;
        self.until_in().await;
    }

    /// Waits until the account and its records are here.
    pub async fn until_in(self) {
        let script =
            "return !find('#sign-in-email') && find('.rail') && !find('[aria-busy=true]');";
        self.0
            .until("the account to be open", script, Vec::new())
            .await;
    }

    /// Has the session end by itself, which asks to sign in over the page.
    pub async fn ended(self) {
        let cookies = self.0.session().delete_all_cookies().await;
        cookies.expect("a browser can forget its cookies");
        self.0.reload().await;
        self.0.element("dialog[open] #sign-in-email", None).await;
    }

    /// Signs out by the account's menu, and gives up what was not sent if that is asked.
    pub async fn out(self) {
        self.0.press("details.menu summary", None).await;
        self.0.button("Sign out").await;
        let script = "
            if (find('#sign-in-email')) return 'out';
            return find('dialog[open] .btn-danger') ? 'asked' : null;";
        let found = self.0.until("the sign-out", script, Vec::new()).await;
        if found == "asked" {
            self.0.button("Discard it and sign out").await;
        }
        self.0.element("#sign-in-email", None).await;
    }
}
