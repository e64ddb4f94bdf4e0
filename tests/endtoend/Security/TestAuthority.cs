using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Tests.EndToEnd.Security;

/// <summary>A certificate authority for one test, and PEM files of it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch, Until = From.AddYears(130);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-ca-");
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 root;
    private byte serial;

    public TestAuthority()
    {
        CertificateRequest request = new("CN=pipeline test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        root = request.CreateSelfSigned(From, Until);
        RootFile = Write("ca.pem", root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate.</summary>
    public string RootFile { get; }

    /// <summary>A certificate for loopback, and its private key.</summary>
    /// <returns>Files of the certificate, of the key (PKCS#8), and of both together.</returns>
    public (string Certificate, string Key, string Both) Issue(string name)
    {
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + name, own, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(root, From, Until, [++serial]);
        string certificate = issued.ExportCertificatePem(), secret = own.ExportPkcs8PrivateKeyPem();
        return (Write(name + ".pem", certificate), Write(name + ".key", secret), Write(name + ".both.pem", secret + "\n" + certificate + "\n"));
    }

    public void Dispose()
    {
        root.Dispose();
        key.Dispose();
        folder.Delete(recursive: true);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
