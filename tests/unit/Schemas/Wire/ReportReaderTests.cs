using System.Text;
using Google.Protobuf;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;
using Pipeline.Schemas.Wire;

namespace Pipeline.Tests.Unit.Schemas.Wire;

/// <summary>The reader against Google.Protobuf's parser and the validator, which know nothing of it.</summary>
public sealed class ReportReaderTests
{
    private const int Cases = 20_000;

    /// <summary>A varint, a group-free message, a fixed32 and a fixed64 with field numbers that are not in use.</summary>
    private static readonly byte[] Unknown = [0xF8, 0x07, 0xAC, 0x02, 0xFA, 0x07, 0x03, 0x0A, 0x01, 0x78, 0xFD, 0x07, 1, 2, 3, 4, 0xF9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void Whatever_is_written_is_read()
    {
        Random random = new(1);
        for (int i = 0; i < Cases; i++)
        {
            VmReports message = RandomReports.Make(random);
            Assert.True(AgreesWithParser(message.ToByteArray()), message.ToString());
        }
    }

    [Fact]
    public void Fields_of_a_newer_version_are_passed_over()
    {
        Random random = new(2);
        for (int i = 0; i < Cases; i++)
        {
            VmReports message = RandomReports.Make(random);
            Assert.True(AgreesWithParser(WithUnknown(message)), message.ToString());
        }
    }

    [Fact]
    public void Broken_bytes_are_never_read_otherwise_than_by_the_parser()
    {
        Random random = new(3);
        int read = 0;
        for (int i = 0; i < 10 * Cases; i++)
        {
            byte[] value = RandomReports.Make(random).ToByteArray();
            for (int n = random.Next(1, 4); n > 0 && value.Length > 0; n--) value = RandomReports.Damage(random, value);
            if (AgreesWithParser(value)) read++;
        }
        Assert.True(read > Cases, $"only {read} were read at all");
    }

    [Fact]
    public void Random_bytes_are_never_read_otherwise_than_by_the_parser()
    {
        Random random = new(4);
        for (int i = 0; i < 10 * Cases; i++)
        {
            byte[] value = new byte[random.Next(12)];
            random.NextBytes(value);
            AgreesWithParser(value);
        }
    }

    [Fact]
    public void Messages_met_twice_are_merged()
    {
        byte[] value = Nested(1, [.. Nested(8, Floats(1, .5f)), .. Nested(8, Floats(2, .75f)), .. Nested(8, Floats(1, .25f)), .. Nested(9, []), .. Nested(9, Floats(1, .1f))]);
        Assert.True(AgreesWithParser(value));
        ReportReader reader = new(value);
        Assert.True(reader.TryNext(out ReportValues values, out _, out _));
        Assert.Equal((.25f, .75f, .1f), (values[0], values[1], values.FunctionsCpuUtilization));
    }

    [Fact]
    public void Groups_are_left_to_the_parser() =>
        Assert.False(AgreesWithParser([.. Samples.Reports(Samples.Report()).ToByteArray(), 0x7B, 0x7C]));

    [Fact]
    public void Numbers_are_sound_when_the_validator_finds_nothing_wrong()
    {
        Random random = new(5);
        RecordContext context = new("cell-0", Samples.Time);
        int sound = 0;
        for (int i = 0; i < 10 * Cases; i++)
        {
            VmReport report = Samples.Report();
            for (int n = random.Next(3); n >= 0; n--) RandomReports.SetOne(random, report);
            string? reason = MetricsValidator.Check(Samples.Reports(report), context);
            Assert.True(reason is null == MetricsValidator.AreSound(ReportValues.Of(report), context.TimestampUnixMs), reason ?? report.ToString());
            sound += reason is null ? 1 : 0;
        }
        Assert.InRange(sound, Cases, 9 * Cases);
    }

    /// <summary>Whether the reader reads it; if it does, it has to be what the parser reads.</summary>
    private static bool AgreesWithParser(byte[] value)
    {
        List<(ReportValues Values, byte[] Vm, byte[] Cell)> read = [];
        ReportReader reader = new(value);
        while (reader.TryNext(out ReportValues values, out ReadOnlySpan<byte> vm, out ReadOnlySpan<byte> cell)) read.Add((values, vm.ToArray(), cell.ToArray()));
        if (reader.Failed) return false;
        // A name that is not UTF-8 is read as bytes, and found to be no VM's.
        if (read.Any(r => !IsUtf8(r.Vm) || !IsUtf8(r.Cell))) return false;
        VmReports parsed = VmReports.Parser.ParseFrom(value);
        Assert.Equal(parsed.Reports.Count, read.Count);
        foreach ((VmReport expected, (ReportValues values, byte[] vm, byte[] cell)) in parsed.Reports.Zip(read))
        {
            Assert.Equal(expected.Vm, Encoding.UTF8.GetString(vm));
            Assert.Equal(expected.Cell, Encoding.UTF8.GetString(cell));
            Assert.Equal(Describe(ReportValues.Of(expected)), Describe(values));
        }
        return true;
    }

    private static bool IsUtf8(byte[] name) => System.Text.Unicode.Utf8.IsValid(name);

    /// <summary>Every bit of it; a signal that was not measured counts for nothing.</summary>
    private static string Describe(ReportValues v)
    {
        StringBuilder text = new(FormattableString.Invariant($"{v.TimeUnixMs} {v.IntervalMs} {v.Sequence} {Bits(v.Cores)} {v.MemoryBytes} {v.HasOwn} {v.HasFunctions} {Bits(v.FunctionsCpuUtilization)} {v.FunctionsMemoryBytes}"));
        for (int i = 0; i < SignalValues.Count; i++) text.Append(' ').Append(v.Has(i) ? Bits(v[i]) : "-");
        return text.ToString();
    }

    private static string Bits(float value) => BitConverter.SingleToUInt32Bits(value).ToString("X8", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] WithUnknown(VmReports message)
    {
        List<byte> value = [.. Unknown];
        foreach (VmReport report in message.Reports)
        {
            List<byte> inner = [.. Unknown, .. report.ToByteArray(), .. Unknown];
            if (report.Own is not null) inner.AddRange(Nested(8, Unknown));
            if (report.Functions is not null) inner.AddRange(Nested(9, Unknown));
            value.AddRange(Nested(1, [.. inner]));
        }
        return [.. value, .. Unknown];
    }

    private static byte[] Nested(int field, byte[] value)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(value));
        }
        return stream.ToArray();
    }

    private static byte[] Floats(int field, float value) => [(byte)(field << 3 | 5), .. BitConverter.GetBytes(value)];
}
