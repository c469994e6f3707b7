#include "tests/support/b2_server/test_ca.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace runner::testing::b2 {
namespace {

template <auto free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    static_cast<void>(free(object));
  }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Deleter<std::fclose>>;

constexpr long kDay = 24L * 60 * 60;
constexpr const char* kNames =
    "DNS:*.backblazeb2.com,DNS:backblazeb2.com,DNS:localhost,IP:127.0.0.1";

void AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  X509_add_ext(certificate, extension.get(), -1);
}

void SetName(X509* certificate, const std::string& name) {
  const std::vector<unsigned char> bytes(name.begin(), name.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes.data(),
                             static_cast<int>(bytes.size()), -1, 0);
}

/// Not yet signed; good from yesterday on, for a month.
Certificate Draft(const std::string& name, long serial, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * kDay);
  X509_set_pubkey(certificate.get(), key);
  SetName(certificate.get(), name);
  return certificate;
}

Certificate MakeCa(EVP_PKEY* key) {
  Certificate ca = Draft("B2 test server CA", 1, key);
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  AddExtension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  X509_sign(ca.get(), key, EVP_sha256());
  return ca;
}

Certificate MakeLeaf(X509* ca, EVP_PKEY* ca_key, EVP_PKEY* key) {
  Certificate leaf = Draft("api.backblazeb2.com", 2, key);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca));
  AddExtension(leaf.get(), ca, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf.get(), ca, NID_key_usage, "critical,digitalSignature");
  AddExtension(leaf.get(), ca, NID_ext_key_usage, "serverAuth");
  AddExtension(leaf.get(), ca, NID_subject_alt_name, kNames);
  AddExtension(leaf.get(), ca, NID_authority_key_identifier, "keyid");
  X509_sign(leaf.get(), ca_key, EVP_sha256());
  return leaf;
}

bool WriteCertificate(const std::string& path, X509* certificate) {
  const File file(std::fopen(path.c_str(), "we"));
  return file != nullptr && PEM_write_X509(file.get(), certificate) == 1 &&
         std::fflush(file.get()) == 0;
}

bool WriteKey(const std::string& path, EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "we"));
  return file != nullptr &&
         PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
         std::fflush(file.get()) == 0;
}

}  // namespace

targets::Result<TestCa> MakeTestCa(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const TestCa files{folder + "/ca.pem", folder + "/leaf.pem", folder + "/leaf-key.pem"};
  const PrivateKey ca_key(EVP_EC_gen("P-256"));
  const PrivateKey leaf_key(EVP_EC_gen("P-256"));
  if (ca_key == nullptr || leaf_key == nullptr) return targets::Fail("OpenSSL makes no P-256 key");
  const Certificate ca = MakeCa(ca_key.get());
  const Certificate leaf = MakeLeaf(ca.get(), ca_key.get(), leaf_key.get());
  if (!WriteCertificate(files.ca_file, ca.get()) ||
      !WriteCertificate(files.leaf_file, leaf.get()) ||
      !WriteKey(files.leaf_key_file, leaf_key.get()))
    return targets::Fail(folder + ": cannot write the certificates",
                         "choose a folder that can be written");
  return files;
}

}  // namespace runner::testing::b2
