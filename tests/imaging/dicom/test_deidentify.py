"""The profile against an independent transcription of part of Table E.1-1 (innolitics' extraction
of the standard), and on files."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset

from tests.fixtures.dicom import dicom_set
from trainer.imaging.dicom.deidentify import (
    ACTIONS,
    PROFILE,
    action_for,
    deidentify,
    map_patient,
    map_uid,
)

KEY = b"k" * 32
PIXELS = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)

# Keyword (or tag) and the action of the column "Basic Prof."
TABLE_E_1_1 = """
AccessionNumber Z, AcquisitionComments X, AcquisitionContextSequence X/Z, AcquisitionDate X/Z,
AcquisitionDateTime X/Z/D, AcquisitionDeviceProcessingDescription X/D,
AcquisitionFieldOfViewLabel D, AcquisitionProtocolDescription X, AcquisitionTime X/Z,
ActualHumanPerformersSequence X, AdditionalPatientHistory X, AdmissionID X, AdmittingDate X,
AdmittingDiagnosesCodeSequence X, AdmittingDiagnosesDescription X, AdmittingTime X,
AffectedSOPInstanceUID X, Allergies X, AuthorObserverSequence X, BarcodeValue X/Z,
BeamDescription X, BolusDescription X, BranchOfService X, CameraOwnerName X, CassetteID X,
ClinicalTrialCoordinatingCenterName Z, ClinicalTrialProtocolEthicsCommitteeApprovalNumber X,
ClinicalTrialProtocolEthicsCommitteeName D, ClinicalTrialProtocolID D,
ClinicalTrialProtocolName Z, ClinicalTrialSeriesDescription X, ClinicalTrialSeriesID X,
ClinicalTrialSiteID Z, ClinicalTrialSiteName Z, ClinicalTrialSponsorName D,
ClinicalTrialSubjectID D, ClinicalTrialSubjectReadingID D, ClinicalTrialTimePointDescription X,
ClinicalTrialTimePointID Z, CommentsOnRadiationDose X, CommentsOnThePerformedProcedureStep X,
CompensatorDescription X, ConcatenationUID U, ConceptualVolumeUID U,
ConfidentialityConstraintOnPatientDataDescription X, ConsultingPhysicianName Z,
ConsultingPhysicianIdentificationSequence X, ContainerComponentID X, ContainerDescription X,
ContainerIdentifier D, ContentCreatorIdentificationCodeSequence X, ContentCreatorName Z/D,
ContentDate Z/D, ContentTime Z/D, ContrastBolusAgent Z/D, ContributionDescription X,
CountryOfResidence X, CurrentPatientLocation X, CurveDate X, CurveTime X,
CustodialOrganizationSequence X, DataSetTrailingPadding X, DecompositionDescription X,
DerivationDescription X, DetectorID X/D, DeviceDescription X, DeviceLabel D,
DeviceSerialNumber X/Z/D, DeviceSettingDescription X, DeviceUID U, DigitalSignaturesSequence X,
DigitalSignatureUID U, DimensionOrganizationUID U, DischargeDiagnosisDescription X,
DistributionAddress X, DistributionName X, DoseReferenceDescription X, PatientName Z,
PatientID Z/D, PatientBirthDate Z, PatientSex Z, StudyInstanceUID U, SeriesInstanceUID U,
SOPInstanceUID U, FrameOfReferenceUID U, StudyDate Z, StudyTime Z, InstitutionName X/Z/D,
InstitutionAddress X, ReferringPhysicianName Z, PatientAddress X, PatientAge X, StudyID Z
"""
KINDS = {"X": "X", "Z": "Z", "D": "D", "U": "U", "Z/D": "D", "X/Z": "Z", "X/D": "Z", "X/Z/D": "Z"}
ROWS = [entry.split() for entry in TABLE_E_1_1.replace("\n", " ").split(",")]


@pytest.mark.parametrize(("keyword", "action"), ROWS, ids=[row[0] for row in ROWS])
def test_the_table_says_the_same(keyword, action):
    assert action_for(tag_for_keyword(keyword)) == KINDS[action]


def test_repeating_groups_private_and_unknown_elements_go():
    assert action_for(0x50120010) == "X"  # curve data (50XX,XXXX)
    assert action_for(0x60023000) == "X"  # overlay data
    assert action_for(0x60024000) == "X"  # overlay comments
    assert action_for(0x00091001) == "X"
    assert action_for(0x00081999) == "X"  # not in the dictionary
    assert action_for(tag_for_keyword("Rows"), "US") == "K"
    assert action_for(tag_for_keyword("SOPClassUID"), "UI") == "U"  # mapped to itself


def full_set():
    """Return a file with every attribute of the table that a plain value can be given to."""
    words = {"DA": "20250307", "TM": "101112", "DT": "20250307101112", "PN": "Doe^Jane",
             "AS": "044Y", "UI": "1.2.3.4.99", "CS": "DOE", "DS": "7", "IS": "7"}  # fmt: skip
    ds = dicom_set(PIXELS)
    for group, element in ACTIONS:
        tag = pydicom.tag.Tag(group, element)
        if group in (0x0000, 0x0002) or tag in ds:
            continue
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            continue
        if vr in ("LO", "LT", "SH", "ST", "UT", "UC"):
            ds.add_new(tag, vr, "Jane Doe, 7 Elm")
        elif vr in words:
            ds.add_new(tag, vr, words[vr])
        elif vr == "SQ":
            item = Dataset()
            item.PatientName, item.ReferencedSOPInstanceUID = "Doe^Jane", "1.2.3.4.77"
            ds.add_new(tag, vr, [item])
    return ds


def cleaned(ds, key=KEY):
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    data, record = deidentify(out.getvalue(), key, "x.dcm")
    assert record == {"profile": PROFILE, "version": "1"}
    return data, pydicom.dcmread(io.BytesIO(data))


def test_every_attribute_of_the_table_loses_what_it_said():
    original = full_set()
    assert len(original) > 450
    data, ds = cleaned(original)
    for secret in (b"Doe", b"DOE", b"Jane", b"7 Elm", b"20250307", b"101112", b"P-0815",
                   b"1.2.3.4.5\0", b"1.2.3.4.99", b"1.2.3.4.77"):  # fmt: skip
        assert secret not in data
    assert np.array_equal(ds.pixel_array, PIXELS)
    assert ds.PatientIdentityRemoved == "YES"
    assert ds.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert ds.LongitudinalTemporalInformationModified == "REMOVED"


def test_what_hides_in_sequences_and_free_text_goes():
    ds = dicom_set(PIXELS)
    inner, outer = Dataset(), Dataset()
    inner.PatientBirthDate, inner.OperatorsName = "19810101", "Smith^Ann"
    inner.add_new(0x00091001, "LO", "Doe, private")
    outer.ProcedureCodeSequence = [inner]
    ds.AnatomicRegionSequence = [outer]
    ds.ImageType = ["DERIVED", "DOE"]
    ds.KVP = "80"
    ds.private_block(0x0011, "ACME", create=True).add_new(1, "LO", "Jane Doe")
    data, out = cleaned(ds)
    for secret in (b"1981", b"Smith", b"Doe", b"ACME"):
        assert secret not in data
    assert out.KVP == 80


def test_a_word_of_the_name_is_found_where_the_table_does_not_look():
    ds = dicom_set(PIXELS, PatientName="Winterbottom^Zoe")
    ds.ImageLaterality = "L"
    ds.FilterMaterial = "WINTERBOTTOM"
    data, out = cleaned(ds)
    assert b"WINTERBOTTOM" not in data.upper()
    assert out.ImageLaterality == "L"


def test_uids_stay_together_and_cannot_be_turned_back():
    ds = dicom_set(PIXELS, SeriesInstanceUID="1.2.3.4.5")
    _, one = cleaned(ds)
    assert one.SOPInstanceUID == one.SeriesInstanceUID == map_uid("1.2.3.4.5", KEY)
    assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
    assert one.SOPClassUID == ds.SOPClassUID
    assert map_uid("1.2.3.4.5", b"other") != one.SOPInstanceUID
    assert len(one.SOPInstanceUID) <= 64
    assert one.PatientID == map_patient("P-0815", KEY) != map_patient("P-0815", b"other")


def test_the_preamble_and_the_sender_are_blanked():
    ds = dicom_set(PIXELS)
    ds.preamble = b"Jane".ljust(128, b"x")
    ds.file_meta.SourceApplicationEntityTitle = "WARD7"
    data, _ = cleaned(ds)
    assert data[:128] == bytes(128)
    assert b"WARD7" not in data
