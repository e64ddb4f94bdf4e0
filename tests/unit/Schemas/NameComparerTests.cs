using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Schemas;

public sealed class NameComparerTests
{
    [Fact]
    public void Ascii_names_are_found_by_bytes_others_by_text_only()
    {
        string[] names = ["", "vm-1", "vm-2", new('x', 255), new('y', 3000), "vm-ä", "机器"];
        Dictionary<string, string> known = names.ToDictionary(n => n, NameComparer.Instance);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<byte>> byBytes = known.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (string name in names)
        {
            Assert.Equal(name, known[new string(name.AsSpan())]);
            Assert.Equal(name.All(char.IsAscii), byBytes.ContainsKey(Encoding.UTF8.GetBytes(name)));
        }
        Assert.False(byBytes.ContainsKey("vm-3"u8));
        Assert.False(byBytes.ContainsKey([0xFF]));
    }
}
