using Google.Protobuf;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;

namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>Makes the value of a record of a report, signed where there is a key.</summary>
/// <param name="key">The VM's key; null: reports are not signed.</param>
public sealed class ReportSealer(SigningKey? key)
{
    public byte[] Seal(VmReport report)
    {
        report.Signature = ByteString.Empty;
        byte[] bytes = report.ToByteArray();
        if (key is not null)
        {
            report.Signature = ReportSignature.Sign(report.Vm, report.Cell, report.Sequence, report.TimeUnixMs, bytes, key).ToByteString();
            bytes = [.. bytes, .. new VmReport { Signature = report.Signature }.ToByteArray()];
        }
        // One report in a VmReports: its field, its length, itself.
        byte[] value = new byte[1 + CodedOutputStream.ComputeLengthSize(bytes.Length) + bytes.Length];
        using CodedOutputStream output = new(value);
        output.WriteTag(VmReports.ReportsFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
        output.Flush();
        return value;
    }
}
