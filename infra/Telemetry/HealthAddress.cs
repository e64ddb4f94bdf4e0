using System.Globalization;
using System.Net;

namespace Pipeline.Infra.Telemetry;

/// <summary>Where health is told: from <c>--health PORT</c> or <c>--health ADDRESS:PORT</c>.</summary>
/// <param name="Address">Loopback unless another is given: what it tells is nobody else's business by default.</param>
public sealed record HealthAddress(IPAddress Address, int Port)
{
    /// <summary>Null where the text is neither.</summary>
    public static HealthAddress? Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)) return IsPort(port) ? new HealthAddress(IPAddress.Loopback, port) : null;
        // An address alone is refused: it would be taken for one with port 0.
        return IPEndPoint.TryParse(text, out IPEndPoint? at) && IsPort(at.Port) ? new HealthAddress(at.Address, at.Port) : null;
    }

    public override string ToString() => new IPEndPoint(Address, Port).ToString();

    private static bool IsPort(int port) => port is > 0 and <= IPEndPoint.MaxPort;
}
