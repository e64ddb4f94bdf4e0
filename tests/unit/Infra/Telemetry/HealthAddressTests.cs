using Pipeline.Infra.Telemetry;

namespace Pipeline.Tests.Unit.Infra.Telemetry;

public sealed class HealthAddressTests
{
    [Theory]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0:8080", "0.0.0.0:8080")]
    [InlineData("10.1.2.3:1", "10.1.2.3:1")]
    [InlineData("[::1]:65535", "[::1]:65535")]
    public void A_port_alone_is_on_loopback(string text, string address) => Assert.Equal(address, HealthAddress.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("65536")]
    [InlineData("localhost:80")]
    [InlineData("10.1.2.3")]
    [InlineData("10.1.2.3:0")]
    public void What_is_no_address_is_refused(string text) => Assert.Null(HealthAddress.Parse(text));
}
